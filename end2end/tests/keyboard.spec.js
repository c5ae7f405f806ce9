// The whole journey with Tab, Enter, Space and arrows alone, and always in sight of where one is.

import { expect, test } from '../support/test.js';
import { expectHeading, pay } from '../support/journey.js';
import { grouped, payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { languages, words } from '../support/words.js';

const STOPS_MAX = 80;

/** What has the focus: its name, and whether the eye can tell. A field that its label stands for shows it there. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element.id ? document.querySelector(`label[for="${element.id}"]`) : undefined;
    const shown = element.matches('.visually-hidden') ? label : element;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
    const { width, height } = shown.getBoundingClientRect();
    const ring = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    const name = ((label ?? element).innerText ?? '').replace(/\s+/g, ' ').trim();
    return { name, tag: element.tagName, visible: ring && width > 1 && height > 1 };
  });

/** Presses Tab until a control with this name has the focus. Every stop on the way must be visible. */
async function tabTo(page, name) {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now.tag === 'BODY') continue;
    expect(now.visible, `the focus on “${now.name}” (${now.tag}) can be seen`).toBe(true);
    if (typeof name === 'string' ? now.name === name : name.test(now.name)) return;
  }
  throw new Error(`${name} cannot be reached by Tab`);
}

for (const language of languages) {
  const texts = words[language];

  test(`a citizen pays with the keyboard alone (${language})`, async ({ page, city }) => {
    const [notice] = payable();
    await page.goto(paths.home(language));
    await tabTo(page, texts.skip);
    await page.keyboard.press('Enter');
    await tabTo(page, texts.code);
    await page.keyboard.type(grouped(notice.notice_number));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(notice.notice_number));
    await tabTo(page, texts.pay);
    await page.keyboard.press('Enter');
    await expectHeading(page, texts.summary);
    await tabTo(page, texts.email);
    await page.keyboard.type('mario.rossi@example.it');
    await tabTo(page, texts.payAmount);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href.startsWith(`${city.hubUrl}/checkout/`));
    // The address is there already: on the hub's page Enter in its field pays.
    await page.locator('#email').focus();
    await page.keyboard.press('Enter');
    await expectHeading(page, texts.paid);
    await tabTo(page, texts.openReceipt);
    await page.keyboard.press('Enter');
    await expectHeading(page, texts.receipt);
  });
}

test('the first stop of every page is the way past its header, and it works', async ({ page }) => {
  for (const address of ['/', paths.notice('it', payable()[0]), paths.cart('it', payable().slice(0, 1)), '/ricevuta', '/aiuto']) {
    await page.goto(address);
    await page.keyboard.press('Tab');
    expect((await focused(page)).name, address).toBe(words.it.skip);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), address).toBe(true);
  }
});

test('stars are chosen with the arrows and everything opens with Enter or Space', async ({ page, city }) => {
  await page.goto('/');
  await tabTo(page, 'Dove trovo il codice?');
  await page.keyboard.press('Enter');
  await expect(page.getByText('È nella prima pagina dell’avviso pagoPA')).toBeVisible();

  await pay(page, city, 'it', payable().slice(0, 1));
  await tabTo(page, '1 stella su 5');
  await page.keyboard.press('Space');
  for (let star = 1; star < 5; star += 1) await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: '5 stelle su 5' })).toBeChecked();
});

test('nothing is a trap: Tab walks the whole page and comes back to its beginning', async ({ page }) => {
  for (const address of ['/', paths.cart('it', payable().slice(0, 2)), '/ricevuta']) {
    await page.goto(address);
    const names = [];
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      await page.keyboard.press('Tab');
      const { name } = await focused(page);
      if (stop > 0 && name === words.it.skip) break;
      names.push(name);
    }
    expect(names.length, address).toBeLessThan(STOPS_MAX);
    expect(names, address).toContain('Note legali');
  }
});
