// Fees come out in the browser as they do natively, to the last digit.

import { expect, test } from '@playwright/test';
import { SEED, openQuotes, serveQuotes, timeOfQuotes, workedNatively } from '../support/quotes.js';

const RANDOM_QUOTES = 100_000;
const ROUNDS = 100;
const VERDICTS = ['due', 'exempt', 'invalid', 'not_due', 'not_in_force', 'refused'];

// One after the other: they share what was worked out natively.
test.describe.configure({ mode: 'default', timeout: 120_000 });

let worked;
let served;

test.beforeAll(async () => {
  worked = workedNatively(RANDOM_QUOTES);
  served = await serveQuotes();
});

test.afterAll(() => served?.stop());

test.beforeEach(({ page }) => openQuotes(page, served.url));

test('every worked example comes out in the browser as it does natively', async ({ page }) => {
  expect(worked.length).toBeGreaterThan(10);
  for (const { id, packed, examples } of worked) {
    const got = await page.evaluate(
      ({ packed, examples }) => {
        const rates = globalThis.rates(packed);
        return examples.map(({ answers, today }) => rates.work_out(answers, today));
      },
      { packed, examples },
    );
    const named = (quotes) => Object.fromEntries(examples.map(({ name }, place) => [`${id}: ${name}`, quotes[place]]));
    expect(named(got)).toEqual(named(examples.map(({ quote }) => quote)));
  }
});

test('random answers of every kind come out in the browser as they do natively', async ({ page }) => {
  const seen = new Set(worked.flatMap(({ statuses }) => Object.keys(statuses)));
  expect([...seen]).toEqual(expect.arrayContaining(VERDICTS));
  let count = 0;
  for (const { id, packed, digests } of worked) {
    const different = await page.evaluate(
      ({ packed, digests, seed }) => {
        const rates = globalThis.rates(packed);
        const got = rates.digests(seed, digests.length);
        const place = digests.findIndex((digest, place) => digest !== got[place]);
        return place < 0 ? undefined : rates.random_quote(seed, place);
      },
      { packed, digests, seed: SEED },
    );
    expect(different, `${id}: the first quote that differs, as the browser has it`).toBeUndefined();
    count += digests.length;
  }
  expect(count).toBeGreaterThanOrEqual(RANDOM_QUOTES);
});

test('a damaged tariff and unreadable answers are refused with the reason', async ({ page }) => {
  const [{ packed }] = worked;
  const refusals = await page.evaluate((packed) => {
    const refusal = (act) => {
      try {
        return act();
      } catch (error) {
        return String(error);
      }
    };
    return [
      refusal(() => globalThis.rates(packed.slice(0, 40))),
      refusal(() => globalThis.rates(packed).work_out('[]', '2026-01-01')),
      refusal(() => globalThis.rates(packed).work_out('{}', '2026-02-30')),
    ];
  }, packed);
  expect(refusals).toEqual([expect.stringContaining('no versions of a tariff'), expect.stringContaining('invalid type'), expect.stringContaining('2026-02-30')]);
});

test('the time of a quote in the browser is told', async ({ page }) => {
  const { count, first, p50, p99 } = await timeOfQuotes(page, worked, ROUNDS);
  console.log(`${count} quotes in the browser: p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms, the first one ${first.toFixed(3)} ms`);
  expect(count).toBeGreaterThan(ROUNDS);
});
