// The browser takes the page over: late, quietly, and without losing anything.

import { isMarked, mark, takenOver, watchHydration } from '../support/hydration.js';
import { expectHeading, goToSummary, pay } from '../support/journey.js';
import { grouped, payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { expect, test } from '../support/test.js';
import { travelled } from '../support/watch.js';
import { languages, words } from '../support/words.js';

test.beforeEach(({ context }) => watchHydration(context));

test('what was typed before the takeover is still there after it, grouped and counted', async ({ page }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/');
  const field = page.getByLabel(words.it.code);
  await field.pressSequentially('3122026000');
  release();
  await takenOver(page);
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(/^3122 ?0260 ?00$/);
  await expect(page.getByRole('status').filter({ hasText: 'Mancano 8 cifre.' })).toHaveCount(1);
  await field.pressSequentially('12345678');
  await expect(field).toHaveValue('3122 0260 0012 3456 78');
});

test('the form works before the takeover, and if the Wasm never comes', async ({ page }) => {
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.goto('/');
  const [notice] = payable();
  await page.getByLabel(words.it.code).fill(grouped(notice.notice_number));
  await page.getByRole('button', { name: words.it.submit }).click();
  await expectHeading(page, /Servizio mensa/);
});

test('the Wasm is fetched once, after everything the page needs', async ({ page }) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto('/', { waitUntil: 'load' });
  expect(asked.filter((path) => path.endsWith('.wasm'))).toHaveLength(0);
  await takenOver(page);
  expect(asked.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
  expect(asked.indexOf(asked.find((path) => path.endsWith('.wasm')))).toBeGreaterThanOrEqual(3);
});

test('a touch of the page starts the takeover at once', async ({ page }) => {
  await page.addInitScript(() => (globalThis.requestIdleCallback = () => 0));
  await page.goto('/');
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => globalThis.takenOver)).toBeUndefined();
  await page.getByLabel(words.it.code).focus();
  await takenOver(page);
});

for (const language of languages) {
  test(`moving through the portal loads no page again, and the focus follows the heading (${language})`, async ({ page }) => {
    const texts = words[language];
    const [notice, other] = payable();
    await page.goto(paths.home(language));
    await takenOver(page);
    await mark(page);
    await page.getByLabel(texts.code, { exact: true }).fill(notice.notice_number);
    await page.getByRole('button', { name: texts.submit }).click();
    const heading = page.getByRole('heading', { level: 1 });
    await expect(page).toHaveURL(new RegExp(notice.notice_number));
    await expect(heading).toBeFocused();
    await expect(page).toHaveTitle(/Comune di Genova/);
    await goToSummary(page, language);
    await expect(heading).toBeFocused();
    await page.locator('#aggiungi').getByRole('textbox').fill(other.notice_number);
    await page.locator('#aggiungi').getByRole('button', { name: texts.add }).click();
    await expect(page.locator('.total')).toContainText('2 ');
    await page.locator('#aggiungi').getByRole('textbox').fill('123');
    await page.locator('#aggiungi').getByRole('button', { name: texts.add }).click();
    await expect(page.getByRole('alert')).toBeFocused();
    await expect(page).toHaveTitle(language === 'it' ? /^Errore: / : /^Error: /);
    for (let step = 0; step < 4; step += 1) await page.goBack();
    await expect(page).toHaveURL(new RegExp(`${paths.home(language)}$`));
    expect(await isMarked(page)).toBe(true);
  });
}

test('the language switch follows the page after moving without a reload', async ({ page }) => {
  const [notice] = payable();
  await page.goto('/');
  await takenOver(page);
  await page.getByLabel(words.it.code).fill(notice.notice_number);
  await page.getByRole('button', { name: words.it.submit }).click();
  await expect(page).toHaveURL(new RegExp(notice.notice_number));
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page).toHaveURL(new RegExp(`/en/notice/${notice.institution}/${notice.notice_number}$`));
});

test('each further page costs little: data, not documents', async ({ page }) => {
  await page.goto('/');
  await takenOver(page);
  const asked = [];
  page.on('response', (response) => asked.push(response));
  await page.getByLabel(words.it.code).fill(payable()[0].notice_number);
  await page.getByRole('button', { name: words.it.submit }).click();
  await goToSummary(page, 'it');
  for (const response of asked) expect(response.request().resourceType(), response.url()).not.toBe('document');
  const bytes = await travelled(asked.map((response) => response.request()));
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(2 * 6 * 1024);
});

test('when the connection is lost the page says so, and what was typed is kept', async ({ page, context }) => {
  const [notice] = payable();
  await page.goto(paths.cart('it', [notice]));
  await takenOver(page);
  await page.getByLabel(words.it.email).fill('mario.rossi@example.it');
  await context.setOffline(true);
  await page.getByRole('button', { name: words.it.payAmount }).click();
  await expect(page.getByRole('alert')).toContainText('Controlla la connessione');
  await expect(page.getByRole('alert')).toContainText('Non è stato addebitato nulla.');
  await expect(page.getByLabel(words.it.email)).toHaveValue('mario.rossi@example.it');
  await context.setOffline(false);
});

test('an outcome that was awaited stays quiet afterwards', async ({ page, city }) => {
  await pay(page, city, 'it', payable().slice(0, 1));
  await takenOver(page);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.waitForTimeout(2500);
  expect(asked).toEqual([]);
});
