// The page of a notice in each state there is, and what can be done from it.

import { expect, test } from '../support/test.js';
import { about, grouped, inState, notices, payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { languages, words } from '../support/words.js';

/** State, what its page says in each language, and whether it can be paid. */
const standings = [
  ['payable', /Da pagare entro il /, /To be paid by /, true],
  ['overdue', /Scaduto il .+, si può ancora pagare/, /Was due on .+, can still be paid/, true],
  ['not_yet_payable', /Si può pagare da /, /Can be paid from /, false],
  ['paid', /Pagato il /, /Paid on /, false],
  ['other_option_chosen', /Pagato in un altro modo/, /Paid in another way/, false],
  ['cancelled', /Annullato/, /Cancelled/, false],
  ['replaced', /Sostituito da un altro avviso/, /Replaced by another notice/, false],
  ['expired', /Scaduto, non si può più pagare/, /Expired, can no longer be paid/, false],
];

for (const language of languages) {
  for (const [state, italian, english, canBePaid] of standings) {
    test(`a notice that is ${state.replaceAll('_', ' ')} says so in plain words (${language})`, async ({ page }) => {
      const notice = inState(state);
      const answer = await page.goto(paths.notice(language, notice));
      expect(answer.status()).toBe(200);
      const card = page.getByRole('article');
      await expect(card).toContainText(language === 'it' ? italian : english);
      await expect(card).toContainText(grouped(notice.notice_number));
      await expect(card.locator('.amount').first()).toHaveText(language === 'it' ? /^[\d.]+,\d\d\s€$/ : /^€[\d,]+\.\d\d$/);
      await expect(page.getByRole('link', { name: words[language].pay })).toHaveCount(canBePaid ? 1 : 0);
    });
  }
}

test('a replaced notice leads to the one that takes its place', async ({ page }) => {
  await page.goto(paths.notice('it', inState('replaced')));
  await page.getByRole('link', { name: 'Vedi il nuovo avviso' }).click();
  await expect(page).toHaveURL(new RegExp(`${about('it replaces').notice_number}$`));
  await expect(page.getByRole('link', { name: words.it.pay })).toBeVisible();
});

test('a paid notice leads to the form that opens its receipt, with the code already there', async ({ page }) => {
  const paid = inState('paid');
  await page.goto(paths.notice('it', paid));
  await page.getByRole('link', { name: 'Apri la ricevuta' }).click();
  await expect(page.getByLabel(words.it.code)).toHaveValue(grouped(paid.notice_number));
});

test('instalments and alternatives are listed and lead to each other', async ({ page }) => {
  const [whole, first, second] = notices().filter((notice) => notice.about.startsWith('at once or in two'));
  await page.goto(paths.notice('it', whole));
  await expect(page.getByRole('heading', { name: 'Modi di pagare' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('pagando con un modo si chiudono gli altri');
  await page.getByRole('link', { name: 'Rata 2 di 2' }).click();
  await expect(page).toHaveURL(new RegExp(`${second.notice_number}$`));
  await page.getByRole('link', { name: 'Rata 1 di 2' }).click();
  await expect(page).toHaveURL(new RegExp(`${first.notice_number}$`));
  await page.getByRole('link', { name: 'Tutto in una volta' }).click();
  await expect(page).toHaveURL(new RegExp(`${whole.notice_number}$`));
});

test('nothing personal is shown from the code alone', async ({ page, request }) => {
  const people = ['Rossi', 'Verdi', 'Bianchi', 'Ricci', 'Belli', 'Caruggi', 'RSSMRA', 'VRDLGU', 'BNCNNA', 'RCCMRZ', 'BLLMRC'];
  for (const notice of notices().filter((notice) => notice.state !== 'draft')) {
    const text = await (await request.get(paths.notice('it', notice))).text();
    for (const person of people) expect(text, `${notice.notice_number} names ${person}`).not.toContain(person);
  }
  await page.goto('/');
});

test('the due date can be put in a calendar, with nothing personal in it', async ({ page, request, city }) => {
  const [notice] = payable();
  await page.goto(paths.notice('it', notice));
  const link = page.getByRole('link', { name: 'Metti la scadenza nel calendario' });
  const answer = await request.get(await link.getAttribute('href'));
  expect(answer.headers()['content-type']).toBe('text/calendar; charset=utf-8');
  const calendar = (await answer.text()).replaceAll('\r\n ', '');
  expect(calendar).toMatch(/^BEGIN:VCALENDAR\r\n/);
  expect(calendar).toContain('DTSTART;VALUE=DATE:20261231');
  expect(calendar).toContain(`${city.url}/paga/${notice.notice_number}`);
  expect(calendar).not.toContain('Rossi');
});

test('the code and the link of a notice can be copied', async ({ page, context, city }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: city.url });
  const [notice] = payable();
  await page.goto(paths.notice('it', notice));
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copia il codice avviso' }).click();
  await expect.poll(copied).toBe(notice.notice_number);
  await page.getByRole('button', { name: 'Copia il collegamento' }).click();
  await expect.poll(copied).toBe(`${city.url}/paga/${notice.notice_number}`);
  await expect(page.getByRole('status').filter({ hasText: 'Collegamento copiato.' })).toHaveCount(1);
});
