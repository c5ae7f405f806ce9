// Screenshots of every page and state at 360 and 1280 pixels, in both languages, for people to look at: `npm run shots`,
// or `npm run shots -- cart outcome-paid` for some of them. They go to `shots/`, which git ignores.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { executablePath, flags } from './support/chromium.js';
import { startCity } from './support/city.js';
import seed from './support/seed.js';
import { states } from './support/states.js';
import { languages } from './support/words.js';

const folder = join(import.meta.dirname, 'shots');
const sizes = { 360: { width: 360, height: 740 }, 1280: { width: 1280, height: 900 } };
const wanted = process.argv.slice(2);

const removeSeed = await seed();
const browser = await chromium.launch({ executablePath: executablePath(), args: flags });
let failed = 0;
try {
  await mkdir(folder, { recursive: true });
  for (const { name, open } of states.filter(({ name }) => !wanted.length || wanted.some((part) => name.startsWith(part)))) {
    for (const language of languages) {
      const city = await startCity();
      const context = await browser.newContext({ baseURL: city.url, locale: language, deviceScaleFactor: 1 });
      const page = await context.newPage();
      try {
        await open({ page, city, language });
        await page.evaluate(() => document.fonts.ready);
        for (const [size, viewport] of Object.entries(sizes)) {
          await page.setViewportSize(viewport);
          await page.screenshot({ path: join(folder, `${name}-${language}-${size}.png`), fullPage: true, animations: 'disabled' });
        }
      } catch (error) {
        failed += 1;
        console.error(`${name} (${language}): ${error.message.split('\n')[0]}`);
      }
      await context.close();
      await city.stop();
    }
  }
} finally {
  await browser.close();
  await removeSeed();
}
process.exitCode = failed ? 1 : 0;
