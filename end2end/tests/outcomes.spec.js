// What can become of a payment, and what the citizen is told: never "paid" before the receipt.

import { expect, test } from '../support/test.js';
import { beginPayment, conclude, expectHeading, pay, reference, typeCode } from '../support/journey.js';
import { payable, WASTE_COMPANY } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { mischief, payAtCounter, receipts } from '../support/sandbox.js';
import { languages, words } from '../support/words.js';

for (const language of languages) {
  const texts = words[language];

  test(`giving up at the hub is told as such, and the payment can be tried again (${language})`, async ({ page, city }) => {
    const notices = payable().slice(0, 1);
    await pay(page, city, language, notices, 'abandoned');
    await expectHeading(page, texts.cancelled);
    await expect(page.getByRole('main')).toContainText(texts.nothingCharged);
    await page.getByRole('link', { name: language === 'it' ? 'Riprova il pagamento' : 'Try the payment again' }).click();
    await expectHeading(page, texts.summary);
    await expect(page.getByRole('button', { name: texts.payAmount })).toBeVisible();
  });

  test(`a refused payment says that nothing was taken (${language})`, async ({ page, city }) => {
    await pay(page, city, language, payable().slice(0, 1), 'refused');
    await expectHeading(page, texts.failed);
    await expect(page.getByRole('main')).toContainText(texts.nothingCharged);
    expect(await receipts(city)).toEqual([]);
  });

  test(`a late outcome waits, then turns into paid by itself (${language})`, async ({ page, city }) => {
    await beginPayment(page, city, language, payable().slice(0, 1));
    await conclude(page, 'late', 4);
    await expectHeading(page, texts.waiting);
    await expectHeading(page, texts.paid, 15_000);
    await expect(page.getByRole('link', { name: texts.openReceipt })).toBeVisible();
  });
}

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('the waiting page looks again by itself until the receipt is there', async ({ page, city }) => {
    await beginPayment(page, city, 'it', payable().slice(0, 1));
    await conclude(page, 'late', 4);
    await expectHeading(page, words.it.waiting);
    await expectHeading(page, words.it.paid, 20_000);
  });

  test('a rating is sent as a plain form and thanked for', async ({ page, city }) => {
    await pay(page, city, 'it', payable().slice(0, 1));
    const form = page.locator('[data-element="feedback"]');
    await form.getByRole('button', { name: 'Invia la valutazione' }).click();
    await expect(page.getByText('Scegli da una a cinque stelle.')).toBeVisible();
    await form.locator('[data-element="feedback-rate-5"]').click();
    await form.getByText('Le indicazioni erano chiare').click();
    await form.getByLabel('Vuoi aggiungere altri dettagli?').fill('Tutto bene');
    await form.getByRole('button', { name: 'Invia la valutazione' }).click();
    await expect(page.getByText('Grazie, il tuo parere ci aiuterà a migliorare il servizio!')).toBeVisible();
    await expectHeading(page, words.it.paid);
  });
});

test('few stars and many stars ask the official questions', async ({ page, city }) => {
  await pay(page, city, 'it', payable().slice(0, 1));
  const question = (text) => page.getByRole('group', { name: text });
  const [liked, difficulty] = [question('Quali sono stati gli aspetti che hai preferito?'), question('Dove hai incontrato le maggiori difficoltà?')];
  await expect(liked).toBeHidden();
  await expect(difficulty).toBeHidden();
  for (const [stars, asked, other] of [[1, difficulty, liked], [3, difficulty, liked], [4, liked, difficulty], [5, liked, difficulty]]) {
    await page.locator(`[data-element="feedback-rate-${stars}"]`).click();
    await expect(asked).toBeVisible();
    await expect(other).toBeHidden();
  }
});

test('a browser that never comes back finds the payment again by code', async ({ page, context, city }) => {
  const [notice] = payable();
  await beginPayment(page, city, 'it', [notice]);
  await conclude(page, 'paid_no_return');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Pagato');
  await page.close();

  const later = await context.newPage();
  await typeCode(later, 'it', notice.notice_number);
  await expect(later.getByRole('article')).toContainText('Pagato il');
  await later.getByRole('link', { name: words.it.openIt }).click();
  await later.getByLabel(words.it.proof).fill('A562S');
  await later.getByRole('button', { name: words.it.openIt }).click();
  await expectHeading(later, words.it.receipt);
});

test('a payment that was begun and left is warned about, never locked', async ({ page, city }) => {
  const [notice] = payable();
  await beginPayment(page, city, 'it', [notice]);
  await page.goto(city.url + paths.notice('it', notice));
  await expect(page.getByRole('heading', { name: 'C’è già un pagamento iniziato' })).toBeVisible();
  await expect(page.getByRole('link', { name: words.it.pay })).toBeVisible();
  await pay(page, city, 'it', [notice]);
  await expectHeading(page, words.it.paid);
});

test('the address of the outcome can be kept, opened elsewhere and reloaded', async ({ page, browser, city }) => {
  const token = await pay(page, city, 'it', payable().slice(0, 1));
  const elsewhere = await browser.newPage({ baseURL: city.url });
  await elsewhere.goto(paths.outcome('it', token));
  await expectHeading(elsewhere, words.it.paid);
  await elsewhere.reload();
  await expectHeading(elsewhere, words.it.paid);
  await elsewhere.close();
});

test('two tabs that pay the same notice: one receipt, and the other tab is told', async ({ context, city }) => {
  const [notice] = payable();
  const [first, second] = [await context.newPage(), await context.newPage()];
  await beginPayment(first, city, 'it', [notice]);
  await beginPayment(second, city, 'it', [notice]);
  await conclude(first, 'paid');
  await expectHeading(first, words.it.paid);

  // The hub knows that it is paid and does not take the money again.
  await conclude(second, 'paid');
  await expect(second.getByRole('main')).toContainText('non è stato pagato nulla');
  await second.getByRole('link', { name: /Torna al sito/ }).click();
  // The receipt wins over how this browser came back: the notice is paid.
  await expectHeading(second, words.it.paid);
  await expect(second.getByRole('link', { name: /Ritrova la ricevuta/ })).toBeVisible();
  expect(await receipts(city)).toHaveLength(1);

  await second.goto(city.url + paths.cart('it', [notice]));
  await expect(second.getByRole('main')).toContainText('toglilo per andare avanti');
  await expect(second.getByRole('button', { name: words.it.payAmount })).toHaveCount(0);
});

test('a summary left open while the notice is paid elsewhere does not begin a payment', async ({ page, city }) => {
  const [notice] = payable();
  await page.goto(paths.cart('it', [notice]));
  await payAtCounter(city, notice);
  await page.getByRole('button', { name: words.it.payAmount }).click();
  await expect(page.getByRole('alert')).toContainText('Un avviso non si può più pagare');
  await expect(page.getByRole('alert')).toContainText('Non è stato addebitato nulla.');
});

test('when only some notices of a payment are paid, each is told apart', async ({ page, city }) => {
  const [mine] = payable();
  const [theirs] = payable(WASTE_COMPANY);
  const token = await pay(page, city, 'it', [mine, theirs], 'refused');
  await payAtCounter(city, theirs);
  await page.goto(paths.outcome('it', token));
  await expectHeading(page, words.it.partlyPaid);
  await expect(page.getByRole('main')).toContainText('Non ancora pagato');
});

test('a notice paid at two providers that do not see each other has two receipts, and the second says what to do', async ({ page, city }) => {
  const [notice] = payable();
  await mischief(city, { pay_twice: true });
  await beginPayment(page, city, 'it', [notice]);
  await conclude(page, 'late', 3);
  await expectHeading(page, words.it.waiting);
  await payAtCounter(city, notice);
  await expect.poll(async () => (await receipts(city)).filter((sent) => sent.delivery === 'delivered').length).toBe(2);
  await page.reload();
  await page.getByRole('link', { name: words.it.openReceipt }).click();
  await expect(page.getByRole('heading', { name: 'Questo pagamento va verificato dall’ente' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Hai diritto alla restituzione');

  await page.goto(paths.findReceipt('it', notice.notice_number));
  await page.getByLabel(words.it.proof).fill('A562S');
  await page.getByRole('button', { name: words.it.openIt }).click();
  await expectHeading(page, 'Ricevute di questo avviso');
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(2);
});

test('a receipt the hub delivers three times is one receipt', async ({ page, city }) => {
  await mischief(city, { receipt_copies: 3 });
  const [notice] = payable();
  await pay(page, city, 'it', [notice]);
  await expectHeading(page, words.it.paid);
  await expect.poll(async () => (await receipts(city))[0].attempts).toBe(3);
  expect((await receipts(city))[0].delivery).toBe('delivered');
  await page.goto(paths.findReceipt('it', notice.notice_number));
  await page.getByLabel(words.it.proof).fill('A562S');
  await page.getByRole('button', { name: words.it.openIt }).click();
  await expectHeading(page, words.it.receipt);
  expect(reference(page)).toMatch(/^\w{16,}$/);
});
