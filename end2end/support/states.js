// Every page and state of the portal, and how to get there. Tests of accessibility and layout walk through all of them;
// screenshots are taken of all of them.

import { once } from 'node:events';
import { request } from 'node:http';
import { takenOver, watchHydration } from './hydration.js';
import { MARIO, beginPayment, conclude, expectHeading, pay, proveNotice } from './journey.js';
import { about, inState, PARKING_COMPANY, payable, qrText, unknownNumber, WASTE_COMPANY } from './notices.js';
import * as paths from './paths.js';
import { mischief, payAtCounter } from './sandbox.js';
import { words } from './words.js';

/** A state that an address is enough for. */
const at = (name, address) => ({ name, open: ({ page, language }) => page.goto(address(language)) });

/** The page of a notice in a state. */
const standing = (state) => at(`notice-${state.replaceAll('_', '-')}`, (language) => paths.notice(language, inState(state)));

/** The outcome of a payment that ended so at the hub. */
const outcome = (name, how) => ({
  name: `outcome-${name}`,
  open: async ({ page, city, language }) => {
    await pay(page, city, language, payable().slice(0, 1), how);
    await expectHeading(page, words[language][name]);
  },
});

const five = () => [...payable().slice(0, 3), payable(WASTE_COMPANY)[0], payable(PARKING_COMPANY)[0]];
const MEALS = { institution: '00856930102', code: 'refezione' };
const other = (language, italian, english) => (language === 'it' ? italian : english);

/**
 * What the server answers to a form that begins and never ends: after half a minute its own limit breaks it off, and that
 * is an error nobody foresaw.
 */
async function unfinishedForm(city, language) {
  const headers = { accept: 'text/html', 'accept-language': language, 'content-type': 'application/x-www-form-urlencoded', 'content-length': 100 };
  const form = request(`${city.url}/api/payments/begin`, { method: 'POST', headers });
  form.write('language=');
  const [answer] = await once(form, 'response');
  const body = Buffer.concat(await answer.toArray()).toString();
  form.destroy();
  const kept = ['content-type', 'content-security-policy'];
  return { status: answer.statusCode, headers: Object.fromEntries(kept.map((name) => [name, answer.headers[name]])), body };
}

/** `{ name, open }`; `open` takes `{ page, city, language }` and leaves the page in the state. */
export const states = [
  at('home', paths.home),
  {
    name: 'home-typed',
    open: async ({ page, language }) => {
      await page.goto(paths.home(language));
      await page.getByLabel(words[language].code, { exact: true }).pressSequentially('3122026000');
    },
  },
  {
    name: 'home-where',
    open: async ({ page, language }) => {
      await page.goto(paths.home(language));
      await page.getByText(other(language, 'Dove trovo il codice?', 'Where do I find the code?')).click();
    },
  },
  at('code-refused', (language) => paths.search(language, '302 1234')),
  at('code-correction', (language) => paths.search(language, payable()[0].notice_number.replaceAll('0', 'O'))),
  at('code-reference', (language) => paths.search(language, payable()[0].notice_number.slice(1))),
  at('code-not-found', (language) => paths.search(language, unknownNumber())),

  ...['payable', 'overdue', 'not_yet_payable', 'paid', 'other_option_chosen', 'cancelled', 'replaced', 'expired'].map(standing),
  {
    name: 'notice-proof-wrong',
    open: async ({ page, language }) => {
      await proveNotice(page, language, payable()[0], 'XXXXX');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'notice-document',
    open: async ({ page, language }) => {
      await proveNotice(page, language, about('the sum is shared'), MARIO);
      await page.locator('article.document').waitFor();
    },
  },
  at('notice-document-forged', (language) => paths.noticeDocument(language, payable()[0])),
  at('notice-instalments', (language) => paths.notice(language, about('at once or in six'))),
  at('notice-reduced', (language) => paths.notice(language, about('a fine'))),
  at('notice-printed-amount', (language) => paths.search(language, qrText(payable()[0], 9900))),
  {
    name: 'notice-payment-begun',
    open: async ({ page, city, language }) => {
      await beginPayment(page, city, language, payable().slice(0, 1));
      await page.goto(city.url + paths.notice(language, payable()[0]));
    },
  },

  at('cart-one', (language) => paths.cart(language, payable().slice(0, 1))),
  at('cart-five', (language) => paths.cart(language, five())),
  at('cart-empty', (language) => paths.cart(language, [])),
  at('cart-not-payable', (language) => paths.cart(language, [payable()[0], inState('paid')])),
  {
    name: 'cart-wrong-email',
    open: async ({ page, language }) => {
      await page.goto(paths.cart(language, payable().slice(0, 1)));
      await page.getByLabel(words[language].email).fill('mario');
      await page.getByRole('button', { name: words[language].payAmount }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'cart-hub-down',
    open: async ({ page, city, language }) => {
      await mischief(city, { cart: 'unavailable' });
      await page.goto(paths.cart(language, payable().slice(0, 2)));
      await page.getByRole('button', { name: words[language].payAmount }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'cart-busy',
    open: async ({ page, city, language }) => {
      await mischief(city, { delay_ms: 20_000 });
      await watchHydration(page.context());
      await page.goto(paths.cart(language, payable().slice(0, 1)));
      await takenOver(page);
      await page.getByRole('button', { name: words[language].payAmount }).click();
      await page.locator('[aria-busy="true"]').waitFor();
    },
  },

  outcome('paid', 'paid'),
  outcome('failed', 'refused'),
  outcome('cancelled', 'abandoned'),
  {
    name: 'outcome-waiting',
    open: async ({ page, city, language }) => {
      await beginPayment(page, city, language, payable().slice(0, 1));
      await conclude(page, 'late', 600);
      await expectHeading(page, words[language].waiting);
    },
  },
  {
    name: 'outcome-partly-paid',
    open: async ({ page, city, language }) => {
      const notices = [payable()[0], payable(WASTE_COMPANY)[0]];
      await pay(page, city, language, notices, 'abandoned');
      await payAtCounter(city, notices[1]);
      await page.reload();
      await expectHeading(page, words[language].partlyPaid);
    },
  },
  {
    name: 'outcome-rating',
    open: async ({ page, city, language }) => {
      await pay(page, city, language, payable().slice(0, 1));
      await page.locator('[data-element="feedback-rate-2"]').click();
    },
  },
  {
    name: 'outcome-rated',
    open: async ({ page, city, language }) => {
      await pay(page, city, language, payable().slice(0, 1));
      await page.locator('[data-element="feedback-rate-5"]').click();
      await page.getByRole('button', { name: other(language, 'Invia la valutazione', 'Send the rating') }).click();
      await page.getByText(other(language, 'Grazie, il tuo parere', 'Thank you, your opinion')).waitFor();
    },
  },
  at('outcome-unknown', (language) => paths.outcome(language, '0123456789abcdef')),

  at('find-receipt', (language) => paths.findReceipt(language)),
  {
    name: 'find-receipt-wrong',
    open: async ({ page, language }) => {
      await page.goto(paths.findReceipt(language, inState('paid').notice_number));
      await page.getByLabel(words[language].proof).fill('XXXXX');
      await page.getByRole('button', { name: words[language].openIt }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'find-receipt-incomplete',
    open: async ({ page, language }) => {
      await page.goto(paths.findReceipt(language, inState('paid').notice_number));
      await page.getByRole('button', { name: words[language].openIt }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'receipt',
    open: async ({ page, city, language }) => {
      await pay(page, city, language, [about('the sum is shared')]);
      await page.getByRole('link', { name: words[language].openReceipt }).click();
      await expectHeading(page, words[language].receipt);
    },
  },
  at('receipt-unknown', (language) => paths.receipt(language, '0123456789abcdef')),

  at('services', paths.services),
  at('services-none', (language) => paths.services(language) + other(language, '?cerca=niente', '?search=nothing')),
  at('calculator', (language) => paths.calculator(language, MEALS)),
  at('calculator-wrong', (language) => paths.calculator(language, MEALS) + '?d-mese=1%2F11%2F2026&d-pasti=99'),
  {
    name: 'calculator-due',
    open: async ({ page, language }) => {
      const year = { 'd-inizio': '1/1/2026', 'd-fine': '31/12/2026', 'd-persone': 2, 'd-metri_casa': 70, 'd-metri_annessi': 12 };
      const query = new URLSearchParams({ ...year, 'd-compostaggio': false, 'd-fuori_zona': false });
      await page.goto(`${paths.calculator(language, { ...MEALS, code: 'tari' })}?${query}`);
      for (const more of await page.locator('.result details > summary').all()) await more.click();
    },
  },
  at('calculator-unknown', (language) => paths.calculator(language, { ...MEALS, code: 'nessuno' })),
  at('rates', (language) => paths.rates(language, MEALS)),

  at('help', paths.help),
  at('privacy', paths.privacy),
  at('legal-notes', paths.legalNotes),
  at('accessibility', paths.accessibility),
  at('page-not-found', (language) => other(language, '/non-esiste', '/en/nothing-here')),
  {
    name: 'server-error',
    isSlow: true,
    open: async ({ page, city, language }) => {
      const answer = await unfinishedForm(city, language);
      const address = paths.home(language);
      await page.route(city.url + address, (route) => route.fulfill(answer));
      await page.goto(address);
      await expectHeading(page, other(language, 'Qualcosa non ha funzionato', 'Something went wrong'));
    },
  },
  {
    name: 'too-many-requests',
    open: async ({ page, city, language }) => {
      const address = paths.notice(language, payable()[0]);
      for (let look = 0; look < 60; look += 1) await fetch(city.url + address);
      await page.goto(address);
      await expectHeading(page, other(language, 'Troppe richieste', 'Too many requests'));
    },
  },
];
