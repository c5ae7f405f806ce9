// What every answer carries, and what is refused.

import { expect, test } from '../support/test.js';
import { beginPayment, expectHeading } from '../support/journey.js';
import { inCart, inState, notices, payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { receipts } from '../support/sandbox.js';
import { words } from '../support/words.js';

const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': /max-age=31536000/,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': /camera=\(self\)/,
};

test('every answer carries the safety headers, errors and files too', async ({ request }) => {
  const home = await (await request.get('/')).text();
  const [file] = home.match(/\/assets\/[\w.-]+\.(?:woff2|svg|js|wasm)/);
  const addresses = ['/', '/en', paths.notice('it', payable()[0]), '/aiuto', '/non-esiste', '/esito/x', file, '/health/live', '/robots.txt', '/paga/x'];
  for (const address of addresses) {
    const headers = (await request.get(address, { maxRedirects: 0 })).headers();
    for (const [name, value] of Object.entries(always)) expect(headers[name], `${name} of ${address}`).toMatch(value);
    expect(headers['content-security-policy'], address).toContain("default-src 'none'");
    expect(headers['content-security-policy'], address).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:\/\/(?!127\.0\.0\.1)/);
    expect(headers['set-cookie'], address).toBeUndefined();
    expect(headers['server'], address).toBeUndefined();
  }
});

test('pages are never kept by caches; files with a digest in their name are kept for good', async ({ request }) => {
  expect((await request.get('/')).headers()['cache-control']).toMatch(/no-store/);
  const home = await (await request.get('/')).text();
  const [file] = home.match(/\/assets\/[\w./-]+\.woff2/);
  expect((await request.get(file)).headers()['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('each page has a nonce of its own', async ({ request }) => {
  const nonce = async () => /'nonce-([^']+)'/.exec((await request.get('/')).headers()['content-security-policy'])[1];
  const [first, second] = [await nonce(), await nonce()];
  expect(first).not.toBe(second);
  expect(first.length).toBeGreaterThanOrEqual(20);
});

test('a form sent from another site is refused, our own is taken', async ({ request, city }) => {
  const form = { cart: inCart(payable()[0]), language: 'italian' };
  const send = (headers) => request.post('/api/payments/begin', { form, headers: { accept: 'text/html', ...headers }, maxRedirects: 0 });
  expect((await send({ origin: 'https://evil.example' })).status()).toBe(403);
  expect((await send({ origin: city.url, 'sec-fetch-site': 'cross-site' })).status()).toBe(403);
  expect((await send({ origin: 'null' })).status()).toBe(403);
  const taken = await send({ origin: city.url, 'sec-fetch-site': 'same-origin' });
  expect(taken.status()).toBe(303);
  expect(taken.headers().location).toContain(`${city.hubUrl}/checkout/c/`);
});

test('in a browser too, a page of another origin cannot begin a payment', async ({ context, city }) => {
  const page = await context.newPage();
  // The hub's origin stands for any other site.
  await page.goto(`${city.hubUrl}/`);
  await page.route(`${city.hubUrl}/lure`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${city.url}/api/payments/begin"><input name="cart" value="${inCart(payable()[0])}"><input name="language" value="italian"><button>go</button></form>`,
    }),
  );
  await page.goto(`${city.hubUrl}/lure`);
  const answer = page.waitForResponse((response) => response.url().startsWith(city.url));
  await page.getByRole('button').click();
  expect((await answer).status()).toBe(403);
  expect(await receipts(city)).toEqual([]);
});

test('too many lookups from one address are told when to come back, and the first page still works', async ({ page, request }) => {
  const address = paths.notice('it', payable()[0]);
  for (let look = 0; look < 60; look += 1) expect((await request.get(address)).status()).toBe(200);
  const answer = await page.goto(address);
  expect(answer.status()).toBe(429);
  await expectHeading(page, 'Troppe richieste');
  await expect(page.getByText(/Riprova fra \d+ second|Riprova fra 1 minuto/)).toBeVisible();
  expect((await page.goto('/')).status()).toBe(200);
});

test('the reference of a payment leaks nowhere: no referrer to the hub', async ({ page, city }) => {
  const referrers = [];
  // A font of our own may be told which of our pages asks for it: that leaves nothing behind.
  page.on('request', (request) => {
    if (!request.url().startsWith(city.url)) referrers.push(`${request.url()} ← ${request.headers().referer}`);
  });
  await beginPayment(page, city, 'it', payable().slice(0, 1));
  expect(referrers).not.toEqual([]);
  expect(referrers.filter((referrer) => referrer.includes('← http'))).toEqual([]);
});

test('codes made of anything at all are answered, never with an error of the server', async ({ request }) => {
  const texts = ['<script>alert(1)</script>', "' or 1=1 --", '%', '\u0000', '💶'.repeat(50), '9'.repeat(4000), '../../etc/passwd', '{{7*7}}', '\r\nSet-Cookie: a=b'];
  for (const text of texts) {
    const answer = await request.get(paths.search('it', text));
    expect(answer.status(), text.slice(0, 30)).toBe(422);
    const page = await answer.text();
    expect(page).not.toContain('<script>alert');
    expect(answer.headers()['set-cookie']).toBeUndefined();
  }
});

test('a draft, an unknown and a foreign notice cannot be told apart', async ({ request }) => {
  const draft = inState('draft');
  const unknown = { ...draft, notice_number: '301120260000000000' };
  const foreign = { ...payable()[0], institution: '03001847015' };
  const answers = await Promise.all([draft, unknown, foreign].map((notice) => request.get(paths.notice('it', notice))));
  for (const answer of answers) expect(answer.status()).toBe(404);
  const text = async (answer, notice) =>
    (await answer.text()).replaceAll(/nonce[-="']+[\w+/=-]+/g, '').replaceAll(notice.notice_number, '').replaceAll(notice.institution, '');
  const [a, b] = [await text(answers[0], draft), await text(answers[1], unknown)];
  expect(a).toBe(b);
});

test('the list of what search engines may read names no notice', async ({ request }) => {
  const robots = await (await request.get('/robots.txt')).text();
  for (const notice of notices()) expect(robots).not.toContain(notice.notice_number);
});

test('a page of another site cannot put ours in a frame', async ({ page, city }) => {
  const answer = await page.goto('/');
  expect(answer.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
  await expectHeading(page, 'Paga un avviso');
  expect(page.url()).toBe(`${city.url}/`);
  await expect(page.getByLabel(words.it.code)).toBeVisible();
});
