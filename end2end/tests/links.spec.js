// Addresses people are sent, keep and change language on.

import { expect, test } from '../support/test.js';
import { inState, payable, qrText } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { languages, words } from '../support/words.js';

for (const [what, link] of Object.entries({
  'with the code in the path': (notice) => `/paga/${notice.notice_number}`,
  'with the code in the query': (notice) => `/paga?codice=${notice.notice_number}`,
  'with the payload of the QR code': (notice) => `/paga?qr=${encodeURIComponent(qrText(notice, 12050))}`,
})) {
  test(`a link ${what} opens the notice`, async ({ page }) => {
    const [notice] = payable();
    await page.goto(link(notice));
    await expect(page).toHaveURL(new RegExp(`/avviso/${notice.institution}/${notice.notice_number}$`));
    await expect(page.getByRole('link', { name: words.it.pay })).toBeVisible();
  });
}

test.describe('in an English browser', () => {
  test.use({ locale: 'en-GB' });

  test('a link opens the notice in English', async ({ page }) => {
    await page.goto(`/paga/${payable()[0].notice_number}`);
    await expect(page).toHaveURL(/\/en\/notice\//);
    await expect(page.getByRole('link', { name: words.en.pay })).toBeVisible();
  });
});

test('a link without a code leads to the first page', async ({ page }) => {
  await page.goto('/paga');
  await expect(page).toHaveURL(/\/$/);
});

test('what other sites show of a link names the institution and nothing personal', async ({ request }) => {
  const page = await (await request.get(paths.notice('it', payable()[0]))).text();
  const [, title] = page.match(/<meta property="og:title" content="([^"]*)"/) ?? [];
  expect(title).toBe('Avviso di pagamento – Comune di Genova');
  expect(page).toContain('<meta name="robots" content="noindex"');
});

/** Every address that stands for itself, in both languages. */
const pages = {
  'the first page': paths.home,
  'a notice': (language) => paths.notice(language, payable()[0]),
  'a cart': (language) => paths.cart(language, payable().slice(0, 2)),
  'a code that is refused': (language) => paths.search(language, '123'),
  'the form for receipts': (language) => paths.findReceipt(language, inState('paid').notice_number),
  help: paths.help,
  privacy: paths.privacy,
  'the legal notes': paths.legalNotes,
  accessibility: paths.accessibility,
};

for (const [what, address] of Object.entries(pages)) {
  test(`changing language on ${what} leads to the same page and back`, async ({ page }) => {
    await page.goto(address('it'));
    for (const language of [...languages].reverse()) {
      await expect(page.locator('html')).toHaveAttribute('lang', language === 'en' ? 'it' : 'en');
      await page.getByRole('link', { name: language === 'en' ? 'English' : 'Italiano' }).click();
      await expect(page).toHaveURL((url) => url.pathname + url.search === new URL(address(language), url).pathname + new URL(address(language), url).search);
    }
    await expect(page.locator('html')).toHaveAttribute('lang', 'it');
  });
}

for (const language of languages) {
  test(`an address that leads nowhere says what to do (${language})`, async ({ page }) => {
    const answer = await page.goto(language === 'it' ? '/non-esiste' : '/en/nothing-here');
    expect(answer.status()).toBe(404);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(language === 'it' ? 'Pagina non trovata' : 'Page not found');
    await page.getByRole('main').getByRole('link', { name: language === 'it' ? 'Paga un avviso' : 'Pay a notice' }).click();
    await expect(page).toHaveURL(new RegExp(`${paths.home(language)}$`));
  });

  for (const [what, address] of [
    ['payment', paths.outcome],
    ['receipt', paths.receipt],
  ]) {
    test(`an unknown ${what} is not found, whatever its reference looks like (${language})`, async ({ page, request }) => {
      for (const token of ['0123456789abcdef0123456789abcdef', 'x', '%2e%2e%2f', 'a'.repeat(5000)]) {
        const answer = await request.get(address(language, token));
        expect(answer.status(), token.slice(0, 40)).toBe(404);
      }
      await page.goto(address(language, '0123456789abcdef'));
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(
        { payment: { it: 'Pagamento sconosciuto', en: 'Unknown payment' }, receipt: { it: 'Ricevuta non trovata', en: 'Receipt not found' } }[what][language],
      );
    });
  }
}
