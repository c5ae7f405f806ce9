// Receipts: opened by a link nobody guesses or by a small proof, and fit for paper.

import { expect, test } from '../support/test.js';
import { expectHeading, pay } from '../support/journey.js';
import { about, grouped, payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { receipts } from '../support/sandbox.js';
import { languages, words } from '../support/words.js';

const paid = () => about('opens the receipt');

async function prove(page, language, code, proof) {
  await page.goto(paths.findReceipt(language));
  await page.getByLabel(words[language].code, { exact: true }).fill(code);
  await page.getByLabel(words[language].proof).fill(proof);
  await page.getByRole('button', { name: words[language].openIt }).click();
}

for (const language of languages) {
  test(`code and last five characters of the fiscal code open the receipt (${language})`, async ({ page }) => {
    await prove(page, language, grouped(paid().notice_number), ' d969b ');
    await expectHeading(page, words[language].receipt);
    await expect(page.getByRole('main')).toContainText('Anna Bianchi');
    await expect(page.getByRole('main')).toContainText(language === 'it' ? /215,00\s€/ : /€215\.00/);
  });

  test(`a wrong proof opens nothing and does not say which of the two is wrong (${language})`, async ({ page }) => {
    const said = [];
    for (const [code, proof] of [[paid().notice_number, 'A562S'], [payable()[0].notice_number, 'A562S']]) {
      await prove(page, language, code, proof);
      await expect(page).toHaveTitle(language === 'it' ? /^Errore: / : /^Error: /);
      const summary = page.getByRole('alert');
      await expect(summary).toContainText(language === 'it' ? 'Nessuna ricevuta si apre con questi dati' : 'No receipt opens with these data');
      await expect(page.getByLabel(words[language].code, { exact: true })).toHaveValue(grouped(code));
      said.push(await summary.innerText());
    }
    expect(said[0]).toBe(said[1]);
  });
}

test('the proof may be the number of the receipt itself', async ({ page, city }) => {
  const [notice] = payable();
  await pay(page, city, 'it', [notice]);
  const [{ receipt_id }] = await receipts(city);
  await prove(page, 'it', notice.notice_number, receipt_id);
  await expectHeading(page, words.it.receipt);
});

test('a missing code and a missing proof are told beside their fields', async ({ page }) => {
  await prove(page, 'it', '123', 'D969B');
  await expect(page.getByLabel(words.it.code)).toHaveAttribute('aria-invalid', 'true');
  await prove(page, 'it', paid().notice_number, '');
  await expect(page.getByLabel(words.it.proof)).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('alert').getByRole('link').click();
  await expect(page.getByLabel(words.it.proof)).toBeFocused();
});

test('after five wrong proofs of one notice even the right one waits', async ({ page, request, city }) => {
  const form = { code: paid().notice_number, proof: 'XXXXX', language: 'italian' };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await request.post('/api/receipts/open', { form, headers: { accept: 'text/html', origin: city.url }, maxRedirects: 0 });
  }
  await prove(page, 'it', paid().notice_number, 'D969B');
  await expect(page.getByRole('alert')).toContainText('troppi tentativi');
});

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('a receipt is found again by proof', async ({ page }) => {
    await prove(page, 'it', paid().notice_number, 'D969B');
    await expectHeading(page, words.it.receipt);
  });
});

test('a receipt shows everything a receipt must show', async ({ page, city }) => {
  const notice = about('the sum is shared');
  await pay(page, city, 'it', [notice]);
  const [sent] = await receipts(city);
  await page.getByRole('link', { name: words.it.openReceipt }).click();
  await expectHeading(page, words.it.receipt);
  const main = page.getByRole('main');
  for (const fact of [
    'Comune di Genova', notice.institution, grouped(notice.notice_number), notice.notice_number.slice(1), sent.receipt_id,
    'TARI 2026', 'Mario Rossi', 'RSSMRA85T10A562S', 'Città metropolitana di Genova', 'Banca della Lanterna (prova)',
    /199,50\s€/, /190,00\s€/, /9,50\s€/, /1,30\s€/, 'Carta di pagamento',
  ]) {
    await expect(main).toContainText(fact);
  }
  expect(await main.innerText(), 'accounts are no business of the payer’s').not.toMatch(/\bIT\d{2}[A-Z]/);
});

test('on paper a receipt is the receipt alone', async ({ page }) => {
  await prove(page, 'it', paid().notice_number, 'D969B');
  await expectHeading(page, words.it.receipt);
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.skiplinks', '.lang-switch', 'footer', '.breadcrumb', '.actions', '.no-print']) {
    for (const element of await page.locator(hidden).all()) await expect(element).toBeHidden();
  }
  await expect(page.getByRole('main')).toContainText(grouped(paid().notice_number));
  await expect(page.getByText('Comune di Genova').first()).toBeVisible();
  const border = await page.locator('article.document').evaluate((sheet) => getComputedStyle(sheet).borderTopWidth);
  expect(border).toBe('0px');
  const paper = await page.pdf({ format: 'A4' });
  expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
});
