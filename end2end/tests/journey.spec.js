// The whole way, from the code on a paper to the receipt: with and without scripting, on a slow phone, on both engines.

import { devices } from '@playwright/test';
import { isMarked, mark, takenOver, watchHydration } from '../support/hydration.js';
import { conclude, expectHeading, goToSummary, handOff, typeCode } from '../support/journey.js';
import { grouped, payable } from '../support/notices.js';
import { demoDatabase, psql, server } from '../support/postgres.js';
import { receipts } from '../support/sandbox.js';
import { expect, test } from '../support/test.js';
import { languages, words } from '../support/words.js';
import { startCity } from '../support/city.js';

/** Code, notice, summary, hub, outcome, receipt. */
async function wholeJourney(page, city, language, notice, amount) {
  const texts = words[language];
  await typeCode(page, language, grouped(notice.notice_number));
  await expect(page).toHaveURL(new RegExp(`/${notice.institution}/${notice.notice_number}$`));
  await expect(page.getByRole('article').locator('.amount-lg')).toHaveText(amount);

  await goToSummary(page, language);
  await expect(page.getByRole('main')).toContainText(grouped(notice.notice_number));
  await expect(page.locator('.total')).toContainText(amount);
  await page.getByLabel(texts.email).fill('mario.rossi@example.it');

  await handOff(page, city, language);
  await expect(page.locator('#email')).toHaveValue('mario.rossi@example.it');
  await conclude(page, 'paid');

  await expectHeading(page, texts.paid);
  const [sent] = await receipts(city);
  await page.getByRole('link', { name: texts.openReceipt }).click();
  await expectHeading(page, texts.receipt);
  const main = page.getByRole('main');
  for (const fact of [grouped(notice.notice_number), notice.institution, sent.receipt_id, amount]) {
    await expect(main).toContainText(fact);
  }

  await typeCode(page, language, notice.notice_number);
  await expect(page.getByRole('article')).toContainText(language === 'it' ? /Pagato il/ : /Paid on/);
}

const amountOf = { it: /120,50\s€/, en: /€120\.50/ };
const theNotice = () => payable()[0];

for (const language of languages) {
  test(`a citizen pays by code alone and gets the receipt (${language})`, async ({ page, city }) => {
    await wholeJourney(page, city, language, theNotice(), amountOf[language]);
  });

  test.describe('without scripting', () => {
    test.use({ javaScriptEnabled: false });

    test(`a citizen pays by code alone and gets the receipt, without scripting (${language})`, async ({ page, city }) => {
      await wholeJourney(page, city, language, theNotice(), amountOf[language]);
    });
  });

  test.describe('on a slow phone', () => {
    const { defaultBrowserType, ...phone } = devices['Pixel 7'];
    test.use(phone);

    test(`a citizen pays on a phone four times slower (${language})`, async ({ page, context, city }) => {
      test.slow();
      const tools = await context.newCDPSession(page);
      await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await wholeJourney(page, city, language, theNotice(), amountOf[language]);
    });
  });
}

test('from the code to the summary the browser never loads a page again, and the focus follows the heading', async ({ page, context, city }) => {
  await watchHydration(context);
  await page.goto('/');
  await takenOver(page);
  await mark(page);
  await page.getByLabel(words.it.code).fill(theNotice().notice_number);
  await page.getByRole('button', { name: words.it.submit }).click();
  for (const step of [/Servizio mensa/, words.it.summary]) {
    const heading = page.getByRole('heading', { level: 1 });
    await expect(heading).toHaveText(step);
    await expect(heading).toBeFocused();
    if (step !== words.it.summary) await goToSummary(page, 'it');
  }
  expect(await isMarked(page)).toBe(true);
  await page.goBack();
  await expectHeading(page, /Servizio mensa/);
  expect(await isMarked(page)).toBe(true);
  await page.goForward();
  await handOff(page, city, 'it');
  await conclude(page, 'paid');
  await expectHeading(page, words.it.paid);
});

test('before anything is paid the hub has sent nothing, and afterwards exactly one receipt', async ({ page, city }) => {
  const [notice] = payable();
  await typeCode(page, 'it', notice.notice_number);
  await goToSummary(page, 'it');
  await handOff(page, city, 'it');
  expect(await receipts(city)).toEqual([]);
  await conclude(page, 'paid');
  await expectHeading(page, words.it.paid);
  const sent = await receipts(city);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ notice_number: notice.notice_number, delivery: 'delivered', amount_cents: 12050 });
});

test.describe('on PostgreSQL', () => {
  test.skip(!server, 'LANTERNA_TEST_POSTGRES names no server: the journey on PostgreSQL is skipped');

  const onPostgres = test.extend({
    city: async ({}, use) => {
      const database = await demoDatabase();
      const city = await startCity({ database: database.address });
      await use(city);
      await city.stop();
      database.drop();
    },
  });

  for (const language of languages) {
    onPostgres(`a citizen pays by code alone and gets the receipt, on PostgreSQL (${language})`, async ({ page, city }) => {
      await wholeJourney(page, city, language, theNotice(), amountOf[language]);
      const count = psql(city.archive, 'select count(*) from receipt').trim();
      expect(Number(count)).toBeGreaterThan(1);
    });
  }
});
