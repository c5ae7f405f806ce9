// Every page and state, in both languages: accessible, fit for small windows and large letters, and as the validator of
// public sites wants it.

import { violations } from '../support/axe.js';
import { misfits, smallTargets, wordsSeen } from '../support/layout.js';
import { states } from '../support/states.js';
import { expect, test } from '../support/test.js';
import { complaints, feedback } from '../support/validator.js';
import { languages } from '../support/words.js';

const WIDE = { width: 1280, height: 900 };

for (const { name, open, isSlow } of states) {
  for (const language of languages) {
    test(`${name} is accessible, fits everywhere and follows the public model (${language})`, async ({ page, city }) => {
      if (isSlow) test.slow();
      await open({ page, city, language });
      const check = (what, found) => test.step(what, async () => expect.soft(await found(), what).toEqual([]));

      await check('axe', () => violations(page));
      await check('small targets', () => smallTargets(page));
      await check('validator', () => complaints(page, language));
      await check('headings', () => headingProblems(page));
      expect.soft(await page.locator('html').getAttribute('lang')).toBe(language);

      const seen = await wordsSeen(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await check('320 pixels', () => misfits(page));
      // The layout is the same in both languages.
      if (language === 'it') await check('axe at 320 pixels', () => violations(page));
      expect.soft(await wordsSeen(page), 'every word is still there at 320 pixels').toBe(seen);

      // A window of 1280 pixels at 200 % is one of 640; letters twice as large in the same window are another thing.
      await page.setViewportSize({ width: 640, height: 450 });
      await check('zoom of 200 %', () => misfits(page));
      await page.setViewportSize(WIDE);
      await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
      await check('letters twice as large', () => misfits(page));
      await page.evaluate(() => void (document.documentElement.style.fontSize = ''));

      if (name === 'outcome-paid') {
        for (const element of feedback) await expect.soft(page.locator(`[data-element="${element}"]`).first()).toBeAttached();
      }
    });
  }
}

for (const [what, media] of Object.entries({
  'forced colours': { forcedColors: 'active' },
  'a wish for dark': { colorScheme: 'dark' },
  'a wish for more contrast': { contrast: 'more' },
  'a wish for less motion': { reducedMotion: 'reduce' },
})) {
  test(`pages stay accessible with ${what}`, async ({ page, city }) => {
    await page.emulateMedia(media);
    for (const name of ['home', 'notice-payable', 'cart-one', 'outcome-paid']) {
      await states.find((state) => state.name === name).open({ page, city, language: 'it' });
      expect.soft(await violations(page), name).toEqual([]);
    }
  });
}

/** One first heading, and no level left out on the way down. */
const headingProblems = (page) =>
  page.evaluate(() => {
    const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]));
    const problems = levels.filter((level, place) => place > 0 && level > levels[place - 1] + 1).map((level) => `h${level} after a level left out`);
    const first = levels.filter((level) => level === 1).length;
    return first === 1 ? problems : [`${first} headings of the first level`, ...problems];
  });
