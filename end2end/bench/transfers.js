// What a page makes the network carry, before the browser takes it over and after.

import { takenOver, watchHydration } from '../support/hydration.js';
import { expectHeading, goToSummary } from '../support/journey.js';
import { leftBehind, travelled } from '../support/watch.js';
import { words } from '../support/words.js';

const KINDS = { document: 'HTML', stylesheet: 'styles', font: 'fonts', image: 'images' };
const isTakeover = (url) => /\.(wasm|js)$/.test(new URL(url).pathname);

/** The window of Lighthouse's mobile preset: both parts of a report speak of the same page. */
const PHONE = { width: 412, height: 823 };

/** Opens a page with a cold cache and waits until it is taken over. */
export async function transfers(browser, city, address) {
  const context = await browser.newContext({ baseURL: city.url, locale: 'it-IT', viewport: PHONE });
  await watchHydration(context);
  const page = await context.newPage();
  const finished = [];
  page.on('requestfinished', (request) => finished.push(request));
  await page.goto(address);
  await takenOver(page);
  const files = await Promise.all(finished.map(file));
  const left = await leftBehind(context, city);
  await context.close();

  const ours = files.filter(({ url }) => url.startsWith(city.url));
  const before = ours.filter(({ url }) => !isTakeover(url));
  const byKind = {};
  for (const { kind, bytes } of ours) byKind[kind] = (byKind[kind] ?? 0) + bytes;
  return {
    byKind,
    htmlBytes: byKind.HTML,
    beforeWasmBytes: sum(before),
    wasmBytes: sum(ours) - sum(before),
    requestsBeforeWasm: before.length,
    requestsToStrangers: files.length - ours.length,
    leftBehind: left.length,
    encodings: [...new Set(ours.map(({ encoding }) => encoding))],
  };
}

const sum = (files) => files.reduce((total, { bytes }) => total + bytes, 0);

async function file(request) {
  const response = await request.response();
  const url = request.url();
  return {
    url,
    kind: url.endsWith('.wasm') ? 'Wasm' : url.endsWith('.js') ? 'glue' : (KINDS[request.resourceType()] ?? request.resourceType()),
    bytes: (await request.sizes()).responseBodySize,
    encoding: (await response.headerValue('content-encoding')) ?? 'as it is',
  };
}

/** Goes from the home to a notice and to its summary without a reload: bytes of the dearest step, and reloads. */
export async function steps(browser, city, notice) {
  const context = await browser.newContext({ baseURL: city.url, locale: 'it-IT' });
  await watchHydration(context);
  const page = await context.newPage();
  await page.goto('/');
  await takenOver(page);
  let asked = [];
  page.on('requestfinished', (request) => asked.push(request));
  const results = [];
  for (const step of [
    async () => {
      await page.getByLabel(words.it.code).fill(notice.notice_number);
      await page.getByRole('button', { name: words.it.submit }).click();
      await page.getByRole('link', { name: words.it.pay }).waitFor();
    },
    () => goToSummary(page, 'it'),
    async () => {
      await page.goBack();
      await expectHeading(page, /./);
      await page.getByRole('link', { name: words.it.pay }).waitFor();
    },
  ]) {
    asked = [];
    await step();
    await page.waitForLoadState('networkidle');
    results.push({ bytes: await travelled(asked), reloads: asked.filter((request) => request.resourceType() === 'document').length });
  }
  await context.close();
  return { stepBytes: Math.max(...results.map(({ bytes }) => bytes)), stepReloads: results.reduce((n, { reloads }) => n + reloads, 0) };
}
