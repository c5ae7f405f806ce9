// Fees: every calculator of the demo city with and without scripting, and the way from a sum to the receipt.

import { devices } from '@playwright/test';
import { violations } from '../support/axe.js';
import { clockLibrary } from '../support/city.js';
import { conclude, expectHeading, goToSummary, handOff } from '../support/journey.js';
import * as paths from '../support/paths.js';
import { dearerCertificates, examples, looksAtToday, nextMidnightInRome, services } from '../support/tariffs.js';
import { expect, test } from '../support/test.js';
import { languages, words } from '../support/words.js';

const other = (language, italian, english) => (language === 'it' ? italian : english);
const workOut = (language) => ({ name: other(language, 'Calcola', 'Work it out'), exact: true });
const makeNotice = (language) => ({ name: other(language, /^Crea l’avviso da/, /^Make the notice of/) });

/** An amount as the language writes it. */
function euro(language, amount) {
  const [whole, cents] = amount.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, other(language, '.', ','));
  return other(language, `${grouped},${cents}\u00a0€`, `€${grouped}.${cents}`);
}

/** An answer as people write it. */
function written(language, answer) {
  const day = answer.match(/^(\d{4})-(\d{2})-(\d{2})$/);
  if (day) return `${day[3]}/${day[2]}/${day[1]}`;
  return /^-?\d+\.\d+$/.test(answer) ? answer.replace('.', other(language, ',', '.')) : answer;
}

/** Answers a question, if it is on the page. Says whether it was. */
async function answer(page, language, name, text) {
  const field = page.locator(`[name="d-${name}"]:not([type=hidden]):visible`);
  if ((await field.count()) === 0) return false;
  const kind = await field.first().evaluate((element) => (element.tagName === 'SELECT' ? 'select' : element.type));
  if (kind === 'radio') await page.locator(`[name="d-${name}"][value="${text}"]`).check({ force: true });
  else if (kind === 'select') await field.selectOption(text);
  else await field.fill(written(language, text));
  return true;
}

/** Answers every question; without scripting new ones come with the next page. */
async function answerAll(page, language, answers, scripted) {
  const left = new Map(answers);
  for (let turn = 0; left.size > 0 && turn < 8; turn += 1) {
    for (const [name, text] of left) {
      if (await answer(page, language, name, text)) left.delete(name);
    }
    if (!scripted) await page.getByRole('button', workOut(language)).click();
  }
  expect([...left.keys()], 'questions that never came').toEqual([]);
}

/** An example that is due whatever the day. */
const dueExample = (tariff) => examples(tariff).find(({ status }) => status === 'due');

for (const { institution, code, tariff } of services) {
  for (const language of languages) {
    for (const scripted of [true, false]) {
      test.describe(scripted ? 'with scripting' : 'without scripting', () => {
        test.use({ javaScriptEnabled: scripted });

        test(`${code} is worked out as its tariff says${scripted ? '' : ', without scripting'} (${language})`, async ({ page }) => {
          const example = dueExample(tariff);
          await page.goto(paths.calculator(language, { institution, code }));
          await answerAll(page, language, example.answers, scripted);
          const amount = page.locator('.amount-lg');
          if (looksAtToday(tariff)) await expect(amount).toBeVisible();
          else await expect(amount).toHaveText(euro(language, example.total));
          // Axe needs scripting in the page.
          if (!scripted) return;
          for (const summary of await page.locator('.result details > summary').all()) await summary.click();
          expect(await violations(page)).toEqual([]);
        });
      });
    }
  }
}

const card = { institution: '00856930102', code: 'cie' };

/** From the sum to the notice of one identity card. */
async function requestCard(page, language, scripted) {
  await page.goto(paths.calculator(language, card));
  await answerAll(page, language, dueExample('carta-identita').answers, scripted);
  await page.getByLabel(other(language, /^Nome e cognome/, /^Full name/)).fill('Mario Rossi');
  await page.getByLabel(other(language, 'Codice fiscale', 'Tax code'), { exact: true }).fill('rssmra85t10a562s');
  await page.getByRole('button', makeNotice(language)).click();
  await expect(page).toHaveURL(/\/(avviso|notice)\/00856930102\/\d{18}\?(scade|expires)=\d+&(firma|signature)=[\w-]+$/);
}

for (const language of languages) {
  for (const scripted of [true, false]) {
    test.describe(scripted ? 'on a phone' : 'on a phone without scripting', () => {
      const { defaultBrowserType, ...phone } = devices['Pixel 7'];
      test.use({ ...phone, javaScriptEnabled: scripted });

      test(`a citizen works a fee out, pays it and gets the receipt${scripted ? '' : ', without scripting'} (${language})`, async ({ page, city }) => {
        await requestCard(page, language, scripted);
        await expect(page.getByRole('article').locator('.amount-lg')).toHaveText(euro(language, dueExample('carta-identita').total));
        await goToSummary(page, language);
        await handOff(page, city, language);
        await conclude(page, 'paid');
        await expectHeading(page, words[language].paid);
        await page.getByRole('link', { name: words[language].openReceipt }).click();
        await expectHeading(page, words[language].receipt);
      });
    });
  }
}

test('nothing personal is ever in an address', async ({ page }) => {
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  await requestCard(page, 'it', true);
  const meals = { institution: '00856930102', code: 'refezione' };
  const example = examples('mensa-scolastica').find(({ status, answers }) => status === 'due' && answers.some(([name]) => name === 'isee'));
  await page.goto(paths.calculator('it', meals));
  await answerAll(page, 'it', example.answers, true);
  await page.getByText('Condividi o tieni questo calcolo').click();
  const link = await page.locator('.result a[href*="/calcola/"]').getAttribute('href');
  expect(link).not.toContain('isee=');
  await page.goto(link);
  for (const address of [...addresses, page.url()]) expect(address).not.toMatch(/rossi|RSSMRA|d-isee=/i);
});

test('whoever has just made a notice opens its document without another proof', async ({ page }) => {
  await requestCard(page, 'it', true);
  await page.getByRole('link', { name: words.it.openNotice }).click();
  await expect(page.locator('article.document')).toContainText('Mario Rossi');
});

test('a wrong fiscal code is told beside its field and loses nothing', async ({ page }) => {
  await page.goto(paths.calculator('it', card));
  await answerAll(page, 'it', dueExample('carta-identita').answers, true);
  await page.getByLabel(/^Nome e cognome/).fill('Mario Rossi');
  await page.getByLabel('Codice fiscale', { exact: true }).fill('RSSMRA85T10A562X');
  await page.getByRole('button', makeNotice('it')).click();
  await expect(page.getByRole('alert')).toContainText('Il codice fiscale non è giusto');
  expect(await violations(page)).toEqual([]);
  await expect(page.getByLabel(/^Nome e cognome/)).toHaveValue('Mario Rossi');
  await expect(page.getByLabel('Codice fiscale', { exact: true })).toHaveValue('RSSMRA85T10A562X');
  await expect(page.locator('.amount-lg')).toHaveText(euro('it', dueExample('carta-identita').total));
});

test('a total that is no longer right is shown anew and asked to be confirmed', async ({ page }) => {
  await page.goto(paths.calculator('it', card));
  await answerAll(page, 'it', dueExample('carta-identita').answers, true);
  await page.getByLabel(/^Nome e cognome/).fill('Mario Rossi');
  await page.getByLabel('Codice fiscale', { exact: true }).fill('RSSMRA85T10A562S');
  // As a page would that was opened before the rates changed.
  await page.evaluate(() => (document.querySelector('input[name=total]').value = '1'));
  await page.getByRole('button', makeNotice('it')).click();
  await expect(page.getByRole('alert')).toContainText('la tariffa è cambiata');
  await page.getByRole('button', makeNotice('it')).click();
  await expect(page).toHaveURL(/\/avviso\/00856930102\/\d{18}\?(scade|expires)=\d+&(firma|signature)=[\w-]+$/);
});

test.describe('rates that change at midnight', () => {
  if (!clockLibrary) console.error('SKIPPED: libfaketime is not installed, so no portal lives past midnight');
  test.skip(!clockLibrary, 'libfaketime is not installed: apt-get install libfaketime');
  const midnight = nextMidnightInRome();
  test.use({ cityOptions: { clock: new Date(midnight - 60_000), rates: dearerCertificates(midnight) } });

  for (const language of languages) {
    for (const scripted of [true, false]) {
      test.describe(scripted ? 'with scripting' : 'without scripting', () => {
        test.use({ javaScriptEnabled: scripted });

        test(`a price of yesterday is shown anew and asked to be confirmed${scripted ? '' : ', without scripting'} (${language})`, async ({ page, city }) => {
          await page.goto(paths.calculator(language, { institution: '00856930102', code: 'destinazione-urbanistica' }));
          await answerAll(page, language, [['particelle', '1'], ['uso', 'successione'], ['urgente', 'false']], scripted);
          const amount = page.locator('.result .amount-lg');
          await expect(amount).toHaveText(euro(language, '30.00'));
          await page.getByLabel(other(language, /^Nome e cognome/, /^Full name/)).fill('Mario Rossi');
          await page.getByLabel(other(language, 'Codice fiscale', 'Tax code'), { exact: true }).fill('RSSMRA85T10A562S');
          await city.setClock(new Date(midnight.getTime() + 1_000));
          await page.getByRole('button', makeNotice(language)).click();

          await expect(page.getByRole('alert')).toContainText(other(language, 'la tariffa è cambiata', 'The rates have changed'));
          await expect(amount).toHaveText(euro(language, '35.00'));
          await expect(page.locator('.result')).toContainText(euro(language, '35.00'));
          await expect(page.getByLabel(other(language, /^Nome e cognome/, /^Full name/))).toHaveValue('Mario Rossi');
          await page.getByRole('button', makeNotice(language)).click();
          await expect(page).toHaveURL(/\/(avviso|notice)\/00856930102\/\d{18}\?(scade|expires)=\d+&(firma|signature)=[\w-]+$/);
          await expect(page.getByRole('article').locator('.amount-lg')).toHaveText(euro(language, '35.00'));
        });
      });
    }
  }
});

for (const scripted of [true, false]) {
  test.describe(scripted ? 'with scripting' : 'without scripting', () => {
    test.use({ javaScriptEnabled: scripted });
    const suffix = scripted ? '' : ', without scripting';
    const switchTo = (page, language) => page.locator(`.lang-switch [hreflang=${language}]`);

    test(`the language is changed in the middle of a sum and nothing is lost${suffix}`, async ({ page }) => {
      const service = services.find(({ tariff }) => tariff === 'occupazione-suolo');
      const example = dueExample(service.tariff);
      await page.goto(paths.calculator('it', service));
      await answerAll(page, 'it', example.answers, scripted);
      const amount = page.locator('.result .amount-lg');
      await expect(amount).toHaveText(euro('it', example.total));
      for (const language of ['en', 'it']) {
        await switchTo(page, language).click();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await expect(amount).toHaveText(euro(language, example.total));
        await expect(page.locator('#d-superficie')).toHaveValue(written(language, example.answers.find(([name]) => name === 'superficie')[1]));
      }
    });

    test(`the language switch carries nothing personal${suffix}`, async ({ page }) => {
      const service = services.find(({ tariff }) => tariff === 'mensa-scolastica');
      const example = examples(service.tariff).find(({ status, answers }) => status === 'due' && answers.some(([name]) => name === 'isee'));
      await page.goto(paths.calculator('it', service));
      await answerAll(page, 'it', example.answers, scripted);
      await expect(page.locator('.result .amount-lg')).toBeVisible();
      await expect(switchTo(page, 'en')).toHaveAttribute('href', /[?&]d-pasti=\d+/);
      await expect(switchTo(page, 'en')).not.toHaveAttribute('href', /isee/);
    });
  });
}

test('a form sent twice makes one notice', async ({ page, context }) => {
  await page.goto(paths.calculator('it', card));
  await answerAll(page, 'it', dueExample('carta-identita').answers, true);
  await page.getByLabel(/^Nome e cognome/).fill('Mario Rossi');
  await page.getByLabel('Codice fiscale', { exact: true }).fill('RSSMRA85T10A562S');
  const form = await page.locator('form:has(input[name=token])').evaluate((form) => Object.fromEntries(new FormData(form)));
  const send = () => context.request.post(page.url(), { form, maxRedirects: 0 });
  const [first, second] = await Promise.all([send(), send()]);
  expect(first.status()).toBe(303);
  expect(second.headers().location).toBe(first.headers().location);
});

test('a fee is worked out and its notice made with the keyboard alone', async ({ page }) => {
  await page.goto(paths.calculator('it', card));
  const tabTo = async (id) => {
    for (let stop = 0; stop < 40; stop += 1) {
      if ((await page.evaluate(() => document.activeElement.id)) === id) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${id} cannot be reached by Tab`);
  };
  await tabTo('d-perche');
  await page.keyboard.press('Space');
  await tabTo('d-carte');
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await expect(page.locator('#risultato')).toBeFocused();
  await expect(page.locator('.amount-lg')).toBeVisible();
  await tabTo('name');
  await page.keyboard.type('Mario Rossi');
  await tabTo('code');
  await page.keyboard.type('RSSMRA85T10A562S');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/avviso\/00856930102\/\d{18}\?(scade|expires)=\d+&(firma|signature)=[\w-]+$/);
});

test('the services are found by word, topic and institution', async ({ page }) => {
  await page.goto(paths.services('it'));
  await page.getByLabel('Cerca un servizio').fill('carta identita');
  await page.getByRole('button', { name: 'Cerca', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Carta d’identità elettronica' }).or(page.getByRole('link', { name: "Carta d'identità elettronica" }))).toBeVisible();
  await expect(page.locator('ul.rows li')).toHaveCount(1);
  await page.getByLabel('Cerca un servizio').fill('niente di simile');
  await page.getByRole('button', { name: 'Cerca', exact: true }).click();
  await expect(page.getByRole('main')).toContainText('Nessun servizio corrisponde');
});
