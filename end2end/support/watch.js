// What no page may do: complain, fail, ask strangers, leave something in the browser.

/** Collects complaints of the console, errors of scripts, requests to strangers and files that are missing. */
export function watch(context, city) {
  const problems = [];
  const known = [city.url, city.hubUrl];
  const ours = (url) => new URL(url).origin === city.url;
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const from = message.location().url || message.page()?.url() || '';
    // A page that says "not found" or "try later" has that status on purpose; files are looked at below.
    if (/^Failed to load resource/.test(message.text())) return;
    if (from && URL.canParse(from) && !ours(from)) return;
    problems.push(`console ${message.type()}: ${message.text()} (${from})`);
  });
  context.on('weberror', (error) => problems.push(`script error: ${error.error().stack ?? error.error()}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !known.includes(origin)) problems.push(`request to a stranger: ${request.url()}`);
  });
  context.on('response', (response) => {
    const { pathname } = new URL(response.url());
    const isFile = pathname.startsWith('/assets/') || pathname === '/favicon.ico';
    if (ours(response.url()) && isFile && response.status() >= 400) {
      problems.push(`file with status ${response.status()}: ${response.url()}`);
    }
  });
  return problems;
}

/** What our pages left in the browser. They should leave nothing, ever. */
export async function leftBehind(context, city) {
  const left = (await context.cookies(city.url)).map((cookie) => `cookie ${cookie.name}`);
  const { origins } = await context.storageState({ indexedDB: true });
  for (const { origin, localStorage, indexedDB } of origins) {
    if (origin !== city.url) continue;
    left.push(...localStorage.map((item) => `local storage ${item.name}`));
    left.push(...(indexedDB ?? []).map((database) => `database ${database.name}`));
  }
  const session = "Object.keys(sessionStorage).map((name) => 'session storage ' + name)";
  for (const page of context.pages()) {
    if (page.url().startsWith(city.url)) left.push(...(await page.evaluate(session).catch(() => [])));
  }
  return left;
}

/** Bytes of whole answers. Of small ones the browser tells heads and bodies apart only roughly: they count together. */
export async function travelled(requests) {
  const sizes = await Promise.all(requests.map((request) => request.sizes()));
  return sizes.reduce((total, { responseHeadersSize, responseBodySize }) => total + responseHeadersSize + responseBodySize, 0);
}
