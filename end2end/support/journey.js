// The steps of a citizen's payment, found by what is written on the pages.

import { expect } from '@playwright/test';
import * as paths from './paths.js';
import { words } from './words.js';

/** Types a code on the first page and asks for the notice. */
export async function typeCode(page, language, text) {
  await page.goto(paths.home(language));
  await page.getByLabel(words[language].code, { exact: true }).fill(text);
  await page.getByRole('button', { name: words[language].submit }).click();
}

/** From the page of a notice to the summary. */
export async function goToSummary(page, language) {
  await page.getByRole('link', { name: words[language].pay }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(words[language].summary);
}

/** From the summary to the hub's page. */
export async function handOff(page, city, language) {
  await page.getByRole('button', { name: words[language].payAmount }).click();
  await page.waitForURL((url) => url.href.startsWith(`${city.hubUrl}/checkout/c/`));
}

/** Opens the summary of these notices and goes to the hub's page. */
export async function beginPayment(page, city, language, notices) {
  await page.goto(paths.cart(language, notices));
  await handOff(page, city, language);
}

/** Begins a payment, concludes it at the hub so, and waits for the outcome's page. Tells the payment's reference. */
export async function pay(page, city, language, notices, outcome = 'paid') {
  await beginPayment(page, city, language, notices);
  await conclude(page, outcome);
  await page.waitForURL((url) => url.origin === city.url && /\/(esito|outcome)\//.test(url.pathname));
  return reference(page);
}

/** The unguessable reference of the payment whose outcome is shown. */
export const reference = (page) => new URL(page.url()).pathname.split('/').at(-1);

/** Checks the heading of the page, with time for an outcome to come. */
export const expectHeading = (page, text, timeout) =>
  expect(page.getByRole('heading', { level: 1 })).toHaveText(text, timeout ? { timeout } : undefined);

/**
 * Concludes a payment on the hub's page: `paid`, `refused`, `abandoned`, `paid_no_return`, or `late` with the seconds
 * until the receipt comes.
 */
export async function conclude(page, outcome, seconds = 3) {
  if (outcome === 'abandoned') {
    await page.getByRole('button', { name: /^(Rinuncia|Give up)/ }).click();
    return;
  }
  await page.locator('#email').fill('mario.rossi@example.it');
  await page.locator(`#${outcome}`).check();
  await page.locator('#delay').fill(String(seconds));
  await page.getByRole('button', { name: /^(Paga per prova|Pay as a trial)/ }).click();
}

/** The end of the fiscal code of Mario Rossi, who owes most of what the demo city asks for. */
export const MARIO = 'A562S';

/** Opens a notice's page and proves with the end of a fiscal code that its document may be seen. */
export async function proveNotice(page, language, notice, proof) {
  await page.goto(paths.notice(language, notice));
  await page.getByLabel(words[language].proof).fill(proof);
  await page.getByRole('button', { name: words[language].openNotice }).click();
}
