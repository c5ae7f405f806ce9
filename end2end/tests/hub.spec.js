// A hub that is slow, down or answers rubbish: a clear page, nothing lost, nothing charged.

import { expect, test } from '../support/test.js';
import { takenOver, watchHydration } from '../support/hydration.js';
import { expectHeading, handOff } from '../support/journey.js';
import { payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { mischief, receipts } from '../support/sandbox.js';
import { languages, words } from '../support/words.js';

test.use({ cityOptions: { timeoutSeconds: 2 } });

const silent = { it: /pagoPA in questo momento non risponde/, en: /pagoPA is not responding/ };
const refused = { it: /pagoPA non accetta questi avvisi adesso/, en: /pagoPA does not accept these notices/ };
const rubbish = { it: /una risposta che non capiamo/, en: /an answer we do not understand/ };

const faults = [
  ['gives no answer', 'silent', silent],
  ['is down', 'unavailable', silent],
  ['has an error of its own', 'server_error', silent],
  ['asks to slow down', 'too_many_requests', silent],
  ['refuses the notices', 'refused', refused],
  ['answers with a page', 'rubbish', rubbish],
  ['redirects to nowhere', 'no_location', rubbish],
  ['redirects to another site', 'foreign_location', rubbish],
];

/** Tries to pay and fails; checks what is said and that nothing is lost. */
async function tryToPay(page, city, language, words, said, { scripting }) {
  const notices = payable().slice(0, 2);
  if (scripting) await watchHydration(page.context());
  await page.goto(paths.cart(language, notices));
  if (scripting) await takenOver(page);
  await page.getByLabel(words.email).fill('mario.rossi@example.it');
  await page.getByRole('button', { name: words.payAmount }).click();
  const summary = page.getByRole('alert');
  await expect(summary).toContainText(said);
  await expect(summary).toContainText(language === 'it' ? 'Non è stato addebitato nulla.' : 'Nothing was charged.');
  await expect(page).toHaveTitle(scripting ? /./ : language === 'it' ? /^Errore: / : /^Error: /);
  await expect(summary).toBeFocused();
  await expectHeading(page, words.summary);
  await expect(page.locator('.total')).toContainText(language === 'it' ? '2 avvisi' : '2 notices');
  if (scripting) await expect(page.getByLabel(words.email)).toHaveValue('mario.rossi@example.it');
}

for (const [what, cart, said] of faults) {
  test(`a hub that ${what} is told in plain words and the payment can be tried again`, async ({ page, city }) => {
    await mischief(city, { cart });
    await tryToPay(page, city, 'it', words.it, said.it, { scripting: true });
    expect(await receipts(city).catch(() => [])).toEqual([]);
    await mischief(city, {});
    await handOff(page, city, 'it');
  });
}

for (const language of languages) {
  test.describe('without scripting', () => {
    test.use({ javaScriptEnabled: false });

    test(`without scripting too, a hub that is down is told and the notices stay (${language})`, async ({ page, city }) => {
      await mischief(city, { cart: 'unavailable' });
      await tryToPay(page, city, language, words[language], silent[language], { scripting: false });
      await mischief(city, {});
      await handOff(page, city, language);
    });
  });

  test(`a hub that is not there at all is told (${language})`, async ({ page, city }) => {
    await city.stopHub();
    await tryToPay(page, city, language, words[language], silent[language], { scripting: true });
  });
}

test('a slow hub: the button says what is happening, and a second tap does nothing', async ({ page, city }) => {
  await mischief(city, { delay_ms: 1200 });
  const [notice] = payable();
  await page.goto(paths.cart('it', [notice]));
  const button = page.getByRole('button', { name: words.it.payAmount });
  await button.click();
  const busy = page.getByRole('button', { name: 'Ti portiamo sulla pagina di pagoPA…' });
  await expect(busy).toHaveAttribute('aria-busy', 'true');
  await busy.click();
  await page.waitForURL(/\/checkout\/c\//);
  const journal = await (await fetch(`${city.hubUrl}/api/journal`)).json();
  expect(journal.filter((exchange) => exchange.operation === 'postCarts')).toHaveLength(1);
});

test('coming back with the browser’s own button shows the summary ready to be used again', async ({ page, city }) => {
  await page.goto(paths.cart('it', payable().slice(0, 1)));
  await handOff(page, city, 'it');
  await page.goBack();
  await handOff(page, city, 'it');
});

test('an e-mail address that cannot be one is refused beside its field, and nothing is lost', async ({ page, context }) => {
  await watchHydration(context);
  await page.goto(paths.cart('it', payable().slice(0, 1)));
  await takenOver(page);
  const email = page.getByLabel(words.it.email);
  await email.fill('mario.rossi');
  await page.getByRole('button', { name: words.it.payAmount }).click();
  await expect(page.getByRole('alert')).toContainText('deve essere come nome@esempio.it');
  await expect(email).toHaveValue('mario.rossi');
  await expect(email).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('alert').getByRole('link').click();
  await expect(email).toBeFocused();
});
