// Receipts and notices as documents: read on their page, taken away as files, shared, and kept from everybody else.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/test.js';
import { violations } from '../support/axe.js';
import { takenOver, watchHydration } from '../support/hydration.js';
import { MARIO, expectHeading, pay, proveNotice } from '../support/journey.js';
import { about, payable } from '../support/notices.js';
import { asset } from '../support/papers.js';
import * as paths from '../support/paths.js';
import { languages, words } from '../support/words.js';

const shared = () => about('the sum is shared');
const MODULE = ['save.js', 'paper.js', 'paper_bg.wasm', 'core.pack', 'wide.pack'];

/** Pays a notice, and opens its receipt as a page of its own. Tells its address. */
async function openReceipt(page, city, language, notice = shared()) {
  await pay(page, city, language, [notice]);
  const address = await page.getByRole('link', { name: words[language].openReceipt }).getAttribute('href');
  await page.goto(address);
  await expectHeading(page, words[language].receipt);
  return address;
}

/** What a click on the button saves: `{ name, bytes }`. */
async function saved(page, language) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: words[language].downloadPdf }).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The addresses of files of the module that drew documents, as they are asked for. */
function watchModule(page) {
  const files = MODULE.map(asset);
  const asked = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (files.includes(pathname)) asked.push(MODULE[files.indexOf(pathname)]);
  });
  return asked;
}

for (const language of languages) {
  test(`the browser draws a receipt as the server does, once it is asked to (${language})`, async ({ page, city, request }) => {
    await watchHydration(page.context());
    const asked = watchModule(page);
    const address = await openReceipt(page, city, language);
    await takenOver(page);
    expect(asked, 'nothing of the module comes before the click').toEqual([]);
    const { name, bytes } = await saved(page, language);
    expect(asked.sort()).toEqual(['core.pack', 'paper.js', 'paper_bg.wasm', 'save.js']);
    await expect(page.getByRole('main')).toContainText(words[language].downloaded);
    expect(name).toMatch(language === 'it' ? /^ricevuta-\d{4}-\d\d-\d\d-.*\d{18}\.pdf$/ : /^receipt-\d{4}-\d\d-\d\d-.*\d{18}\.pdf$/);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    const link = await page.getByRole('link', { name: words[language].downloadPdf }).getAttribute('href');
    const answer = await request.get(link);
    expect(answer.headers()).toMatchObject({ 'content-type': 'application/pdf', 'cache-control': 'private, no-store' });
    expect(answer.headers()['content-disposition']).toBe(`attachment; filename="${name}"`);
    expect(bytes.equals(await answer.body()), 'byte for byte').toBe(true);
    expect(new URL(link, city.url).pathname.startsWith(address)).toBe(true);
  });
}

test('a receipt opened inside the portal is the one its address opens', async ({ page, city }) => {
  await watchHydration(page.context());
  await pay(page, city, 'it', [shared()]);
  await page.getByRole('link', { name: words.it.openReceipt }).click();
  await expectHeading(page, words.it.receipt);
  const drawn = () => page.locator('article.document').evaluate((article) => article.outerHTML.replaceAll('<!---->', '').replaceAll('<!-- -->', '').replaceAll('<!>', ''));
  const picture = page.locator('article.document svg').first();
  const inside = await drawn();
  expect((await picture.boundingBox()).height, 'its pictures are drawn').toBeGreaterThan(20);
  await page.reload();
  expect(await drawn()).toBe(inside);
});

test('once loaded the module draws without a network', async ({ page, city, context }) => {
  await watchHydration(context);
  const [first, second] = [await openReceipt(page, city, 'it'), await openReceipt(page, city, 'it', payable()[0])];
  const tokens = [first, second].map((address) => address.split('/').at(-1));
  const list = `${paths.findReceipt('it')}?ricevute=${tokens.join(',')}`;
  await page.goto(list);
  await takenOver(page);
  const links = page.getByRole('main').locator('ul.rows a');
  await links.nth(0).click();
  await expectHeading(page, words.it.receipt);
  const one = await saved(page, 'it');
  await page.goBack();
  await links.nth(1).click();
  await expect(page.getByRole('main')).toContainText('Servizio mensa');
  await context.setOffline(true);
  const other = await saved(page, 'it');
  await context.setOffline(false);
  expect(other.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(other.name).not.toBe(one.name);
});

test('where the module cannot be had the server’s file comes', async ({ page, city }) => {
  await watchHydration(page.context());
  await page.route(`**${asset('save.js')}`, (route) => route.abort());
  await openReceipt(page, city, 'it');
  await takenOver(page);
  const { name, bytes } = await saved(page, 'it');
  expect(name).toMatch(/^ricevuta-/);
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
});

test('the keyboard saves a receipt', async ({ page, city }) => {
  await watchHydration(page.context());
  await openReceipt(page, city, 'it');
  await takenOver(page);
  await page.getByRole('link', { name: words.it.downloadPdf }).focus();
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(download.suggestedFilename()).toMatch(/^ricevuta-/);
});

test('the original comes inside the digital duplicate', async ({ page, city }) => {
  await openReceipt(page, city, 'it');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Scarica anche l’originale' }).click()]);
  const bytes = await readFile(await download.path());
  expect(bytes.includes('/EmbeddedFile')).toBe(true);
});

test.describe('sharing', () => {
  test('is offered where files can be shared', async ({ page, city }) => {
    await watchHydration(page.context());
    await page.addInitScript(() => {
      navigator.canShare = ({ files }) => files?.[0]?.type === 'application/pdf';
      navigator.share = async ({ files: [file] }) => {
        globalThis.handed = { name: file.name, active: navigator.userActivation.isActive, begin: (await file.text()).slice(0, 5) };
      };
    });
    await page.setViewportSize({ width: 390, height: 844 });
    await openReceipt(page, city, 'it');
    await takenOver(page);
    await page.getByRole('button', { name: words.it.share }).click();
    await page.waitForFunction(() => globalThis.handed);
    const handed = await page.evaluate(() => globalThis.handed);
    expect(handed).toMatchObject({ begin: '%PDF-', active: true });
    expect(handed.name).toMatch(/^ricevuta-/);
  });

  test('is not offered elsewhere', async ({ page, city }) => {
    await watchHydration(page.context());
    await page.addInitScript(() => void (navigator.canShare = undefined));
    await openReceipt(page, city, 'it');
    await takenOver(page);
    await expect(page.getByRole('button', { name: words.it.share, includeHidden: true })).toBeHidden();
  });
});

for (const language of languages) {
  test(`a proof opens a notice to print, and nothing personal is in an address (${language})`, async ({ page, request }) => {
    const addresses = [];
    page.on('request', (request) => addresses.push(request.url()));
    await proveNotice(page, language, shared(), ` ${MARIO.toLowerCase()} `);
    const article = page.locator('article.document');
    await expect(article).toContainText('Mario Rossi');
    await expect(article).toContainText('TARI 2026');
    const { pathname, search } = new URL(page.url());
    expect(pathname).toBe(paths.noticeDocument(language, shared()));
    const answer = await request.get(pathname + search);
    expect(answer.headers()['cache-control']).toMatch(/no-store/);
    expect(answer.headers()['referrer-policy']).toBe('no-referrer');
    expect(await answer.text()).toContain('noindex');
    expect(addresses.filter((address) => /A562S|RSSMRA|Mario|Rossi/i.test(address))).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });

  test(`a wrong proof is told beside its field (${language})`, async ({ page }) => {
    await proveNotice(page, language, shared(), 'XXXXX');
    await expect(page).toHaveTitle(language === 'it' ? /^Errore: / : /^Error: /);
    await expect(page.getByLabel(words[language].proof)).toHaveAttribute('aria-invalid', 'true');
    await page.getByRole('alert').getByRole('link').click();
    await expect(page.getByLabel(words[language].proof)).toBeFocused();
    expect(await violations(page)).toEqual([]);
  });
}

test('the browser draws a notice as the server does', async ({ page, request }) => {
  await watchHydration(page.context());
  await proveNotice(page, 'it', shared(), MARIO);
  await page.locator('article.document').waitFor();
  await takenOver(page);
  const { name, bytes } = await saved(page, 'it');
  expect(name).toMatch(/^avviso-.*\d{18}\.pdf$/);
  const link = await page.getByRole('link', { name: words.it.downloadPdf }).getAttribute('href');
  const answer = await request.get(link);
  expect(answer.headers()['content-disposition']).toBe(`attachment; filename="${name}"`);
  expect(bytes.equals(await answer.body()), 'byte for byte').toBe(true);
});

test('a link that was changed or is no link opens nothing', async ({ page, request }) => {
  await proveNotice(page, 'it', shared(), MARIO);
  await page.locator('article.document').waitFor();
  const { pathname, search } = new URL(page.url());
  for (const query of ['', search.replace('firma=', 'firma=A'), search.replace(/scade=\d/, 'scade=9')]) {
    const answer = await request.get(pathname + query);
    expect(answer.status()).toBe(403);
    expect(await answer.text()).not.toContain('Mario Rossi');
  }
  await page.goto(pathname);
  await expectHeading(page, 'Collegamento non valido');
  await page.getByRole('link', { name: 'Torna all’avviso' }).click();
  await expect(page.getByLabel(words.it.proof)).toBeVisible();
});

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('a receipt is a file, the one the browser would draw', async ({ page, city, request }) => {
    await openReceipt(page, city, 'it');
    const { bytes } = await saved(page, 'it');
    const link = await page.getByRole('link', { name: words.it.downloadPdf }).getAttribute('href');
    expect(bytes.equals(await (await request.get(link)).body())).toBe(true);
    await expect(page.getByRole('button', { name: words.it.share, includeHidden: true })).toBeHidden();
  });

  test('a proof opens a notice to print, and a wrong one says so', async ({ page }) => {
    await proveNotice(page, 'it', shared(), 'XXXXX');
    await expect(page.getByRole('alert')).toContainText('l’avviso non si apre');
    await proveNotice(page, 'it', shared(), MARIO);
    await expect(page.locator('article.document')).toContainText('Mario Rossi');
    const { name } = await saved(page, 'it');
    expect(name).toMatch(/^avviso-/);
  });
});
