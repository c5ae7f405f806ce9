// Several notices, of several institutions, in one payment. What is in it, the address says.

import { expect, test } from '../support/test.js';
import { expectHeading, pay } from '../support/journey.js';
import { grouped, inCart, inState, payable, PARKING_COMPANY, WASTE_COMPANY } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { receipts } from '../support/sandbox.js';
import { languages, words } from '../support/words.js';

const five = () => [...payable().slice(0, 3), ...payable(WASTE_COMPANY).slice(0, 1), ...payable(PARKING_COMPANY).slice(0, 1)];

async function add(page, language, notice) {
  const form = page.locator('#aggiungi');
  await form.getByLabel(words[language].code, { exact: true }).fill(grouped(notice.notice_number));
  await form.getByRole('button', { name: words[language].add }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripting' : 'without scripting', () => {
    test.use({ javaScriptEnabled });

    for (const language of languages) {
      const how = `${javaScriptEnabled ? 'with' : 'without'} scripting, ${language}`;

      test(`five notices of three institutions are paid at once (${how})`, async ({ page, city }) => {
        const [first, ...others] = five();
        await page.goto(paths.notice(language, first));
        await page.getByRole('link', { name: language === 'it' ? 'Aggiungi un altro avviso' : 'Add another notice' }).click();
        for (const notice of others) {
          await add(page, language, notice);
          await expect(page).toHaveURL(new RegExp(inCart(notice)));
        }
        await expect(page.locator('.total')).toContainText(language === 'it' ? '5 avvisi' : '5 notices');
        await expect(page.getByRole('main')).toContainText(language === 'it' ? 'Hai raggiunto il massimo' : 'You have reached the maximum');
        await pay(page, city, language, five());
        await expectHeading(page, words[language].paid);
        await expect(page.getByRole('link', { name: words[language].openReceipt })).toHaveCount(5);
        expect(await receipts(city)).toHaveLength(5);
      });
    }
  });
}

test('a sixth notice is not taken, and the summary says why', async ({ page }) => {
  const sixth = payable()[5];
  await page.goto(paths.cart('it', [...five(), sixth]));
  await expect(page.locator('.total')).toContainText('5 avvisi');
  await expect(page.getByRole('main')).not.toContainText(grouped(sixth.notice_number));
  await expect(page.getByText('Hai raggiunto il massimo di cinque avvisi')).toBeVisible();
  await expect(page.locator('#aggiungi').getByRole('textbox')).toHaveCount(0);
});

test('the same notice twice counts once', async ({ page }) => {
  const [notice] = payable();
  await page.goto(paths.cart('it', [notice, notice]));
  await expect(page.locator('.total')).toContainText('1 avviso');
});

test('a notice is taken out of the payment, and the last one leaves the way to look for another', async ({ page }) => {
  const [first, second] = payable();
  await page.goto(paths.cart('it', [first, second]));
  await page.getByRole('link', { name: words.it.remove }).first().click();
  await expect(page.locator('.total')).toContainText('1 avviso');
  await expect(page.getByRole('main')).toContainText(grouped(second.notice_number));
  await page.getByRole('link', { name: words.it.remove }).click();
  await expectHeading(page, 'Nessun avviso da pagare');
  await expect(page.getByLabel(words.it.code)).toBeVisible();
});

test('one notice that cannot be paid holds the payment back until it is taken out', async ({ page }) => {
  const [notice] = payable();
  await page.goto(paths.cart('it', [notice, inState('paid')]));
  const pays = page.getByRole('button', { name: words.it.payAmount });
  await expect(pays).toHaveCount(0);
  await page.getByRole('link', { name: words.it.remove }).last().click();
  await expect(pays).toBeVisible();
});

test('what cannot be a notice is left out of the address', async ({ page }) => {
  await page.goto('/carrello?avviso=x&avviso=00856930102-1&avviso=%00&altro=1');
  await expectHeading(page, 'Nessun avviso da pagare');
});

test('a wrong code while adding keeps the notices that are there', async ({ page }) => {
  const [notice, other] = payable();
  await page.goto(paths.cart('it', [notice]));
  await page.locator('#aggiungi').getByLabel(words.it.code).fill('123');
  await page.locator('#aggiungi').getByRole('button', { name: words.it.add }).click();
  await expect(page.getByRole('alert')).toContainText('Hai scritto 3 cifre');
  await page.getByLabel(words.it.code).fill(other.notice_number);
  await page.getByRole('button', { name: words.it.submit }).click();
  await expectHeading(page, words.it.summary);
  await expect(page.locator('.total')).toContainText('2 avvisi');
});
