// What people really type, paste or scan, and where it leads.

import { expect, test } from '../support/test.js';
import { grouped, inState, payable, qrText, unknownNumber } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { languages, words } from '../support/words.js';

/** Ways of writing the code of a payable notice that lead straight to it. */
const writings = {
  'in groups of four': (notice) => grouped(notice.notice_number),
  'with dots and dashes': (notice) => grouped(notice.notice_number).replace(' ', '.').replaceAll(' ', '-'),
  'with invisible spaces around it': (notice) => `\u00a0\u200b${notice.notice_number}\u2009`,
  'as the whole text of the QR code': (notice) => qrText(notice, 12050),
  'as the link of a message': (notice) => `https://servizi.example.it/paga/${notice.notice_number}`,
  'with the words before it': (notice) => `Codice avviso: ${grouped(notice.notice_number)}`,
};

for (const [how, write] of Object.entries(writings)) {
  test(`a code written ${how} leads to its notice`, async ({ page }) => {
    const [notice] = payable();
    await page.goto('/');
    await page.getByLabel('Codice avviso').fill(write(notice));
    await page.getByRole('button', { name: words.it.submit }).click();
    await expect(page).toHaveURL(new RegExp(`/avviso/${notice.institution}/${notice.notice_number}$`));
    await expect(page.getByRole('link', { name: words.it.pay })).toBeVisible();
  });
}

test('a reference of 17 digits, and one of 15 from another series, are looked for as references', async ({ page }) => {
  const [notice] = payable();
  await page.goto(paths.search('it', notice.notice_number.slice(1)));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Quale avviso vuoi pagare?');
  await page.getByRole('main').getByRole('link', { name: 'Comune di Genova' }).click();
  await expect(page).toHaveURL(new RegExp(`/avviso/${notice.institution}/${notice.notice_number}$`));

  await page.goto(paths.search('it', notice.notice_number.slice(3)));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(words.it.notFound);
});

test('letters that look like digits become a correction to confirm', async ({ page }) => {
  const [notice] = payable();
  const written = notice.notice_number.replaceAll('0', 'O').replace('1', 'l');
  await page.goto('/');
  await page.getByLabel('Codice avviso').fill(written);
  await page.getByRole('button', { name: words.it.submit }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('È questo il codice?');
  const main = page.getByRole('main');
  await expect(main).toContainText(grouped(notice.notice_number));
  await expect(main).toContainText('«O» come «0»');
  await expect(main).toContainText('«l» come «1»');
  await page.getByRole('link', { name: 'Sì, vedi l’avviso' }).click();
  await expect(page).toHaveURL(new RegExp(`${notice.notice_number}$`));
});

/** Texts that cannot be a code: the status and what is said. */
const refusals = [
  ['with one wrong digit', (number) => number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10), /errore di battitura/, /typing error/],
  ['that lacks two digits', (number) => number.slice(2), /Hai scritto 16 cifre: ne servono 18/, /You typed 16 digits: 18 are needed/],
  ['with a digit too many', (number) => `${number}7`, /Hai scritto 19 cifre/, /You typed 19 digits/],
  ['that is empty', () => '', /Scrivi il codice dell’avviso/, /Type the code of the notice/],
  ['that is the number of a card', () => '4111 1111 1111 1111', /carta di pagamento: non scriverlo qui/, /payment card: do not write it here/],
  ['that is a fiscal code', () => 'RSSMRA85T10A562S', /codice fiscale personale/, /personal tax code/],
  ['that is an account', () => 'IT60X0542811101000000123456', /IBAN/, /IBAN/],
  ['that is the institution’s own code', () => '00856930102', /codice fiscale dell’ente/, /institution’s tax code/],
];

for (const language of languages) {
  for (const [what, write, italian, english] of refusals) {
    test(`a text ${what} is refused with its reason (${language})`, async ({ page }) => {
      const answer = await page.goto(paths.search(language, write(payable()[0].notice_number)));
      expect(answer.status()).toBe(422);
      await expect(page).toHaveTitle(language === 'it' ? /^Errore: / : /^Error: /);
      const reason = language === 'it' ? italian : english;
      const summary = page.getByRole('alert');
      await expect(summary).toContainText(reason);
      await expect(summary).toBeFocused();
      const field = page.getByLabel(words[language].code, { exact: true });
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(field).toHaveAccessibleDescription(reason);
      await summary.getByRole('link').first().click();
      await expect(field).toBeFocused();
    });
  }
}

test('what was typed stays in the field, but never the number of a card', async ({ page }) => {
  await page.goto(paths.search('it', '3020 1234'));
  await expect(page.getByLabel('Codice avviso')).toHaveValue('3020 1234');
  await page.goto(paths.search('it', '4111 1111 1111 1111'));
  await expect(page.getByLabel('Codice avviso')).toHaveValue('');
  expect(await page.content()).not.toContain('4111 1111');
});

test('a code that is right but unknown says why it may not be found', async ({ page }) => {
  const answer = await page.goto(paths.search('it', unknownNumber()));
  expect(answer.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(words.it.notFound);
  await expect(page.getByRole('main')).toContainText('l’avviso è di un altro ente');
});

test('a notice that is being prepared is as unknown as one that does not exist', async ({ page }) => {
  const draft = inState('draft');
  expect((await page.goto(paths.search('it', draft.notice_number))).status()).toBe(404);
  expect((await page.goto(paths.notice('it', draft))).status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(words.it.notFound);
});

test('the amount of the paper that differs from today’s is explained', async ({ page }) => {
  const notice = payable()[0];
  await page.goto(paths.search('it', qrText(notice, 9900)));
  await expect(page).toHaveURL(/importo=9900$/);
  await expect(page.getByText(/Sul foglio c’è scritto 99,00\s€, oggi l’importo è 120,50\s€/)).toBeVisible();
});
