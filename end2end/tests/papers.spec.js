// Receipts and notices come out in the browser as on the server, byte for byte.

import { expect, test } from '../support/test.js';
import { drawnNatively, preparePapers } from '../support/papers.js';

const RANDOM_DOCUMENTS = 500;
const ROUNDS = 50;

test.describe.configure({ mode: 'default', timeout: 180_000 });

test('random documents of every kind are drawn in the browser as on the server', async ({ page }) => {
  const drawn = drawnNatively(RANDOM_DOCUMENTS);
  const random = drawn.filter(({ name }) => name.startsWith('random-'));
  expect(random).toHaveLength(RANDOM_DOCUMENTS);
  expect(random.filter(({ digest }) => digest).length, 'nearly all of them can be drawn').toBeGreaterThan(RANDOM_DOCUMENTS * 0.9);
  for (const wide of [false, true]) expect(drawn.some(({ needs_wide }) => needs_wide === wide)).toBe(true);
  await page.goto('/');
  await preparePapers(page);
  const got = await page.evaluate(async (printables) => {
    const digests = [];
    for (const printable of printables) {
      const { bytes, fonts } = globalThis.drawPaper(printable);
      const digest = bytes && new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      digests.push({ digest: digest ? Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') : null, fonts });
    }
    return digests;
  }, drawn.map(({ printable }) => printable));
  const different = drawn.flatMap(({ name, digest, needs_wide }, place) => {
    const right = got[place].digest === digest && (!digest || (got[place].fonts === 'wide') === needs_wide);
    return right ? [] : [name];
  });
  expect(different).toEqual([]);
});

test('a damaged document is not drawn, and the next one is', async ({ page }) => {
  const [{ printable, digest }] = drawnNatively(0);
  expect(digest).toBeTruthy();
  await page.goto('/');
  await preparePapers(page);
  const sizes = await page.evaluate(
    (printables) => printables.map((printable) => globalThis.drawPaper(printable).bytes?.length ?? 0),
    [btoa('rubbish'), printable.slice(0, 40), printable],
  );
  expect(sizes.slice(0, 2)).toEqual([0, 0]);
  expect(sizes[2]).toBeGreaterThan(1000);
});

test('the time of a document in the browser is told', async ({ page }) => {
  const drawn = drawnNatively(0);
  await page.goto('/');
  await preparePapers(page);
  for (const name of ['receipt-it', 'receipt-wide', drawn[0].name]) {
    const { printable } = drawn.find((one) => one.name === name);
    const { first, median } = await page.evaluate(
      ({ printable, rounds }) => {
        const times = Array.from({ length: rounds }, () => {
          const began = performance.now();
          globalThis.drawPaper(printable);
          return performance.now() - began;
        });
        const [first, ...rest] = times;
        return { first, median: rest.sort((a, b) => a - b)[rest.length >> 1] };
      },
      { printable, rounds: ROUNDS },
    );
    const told = `${name}: ${first.toFixed(1)} ms the first time, ${median.toFixed(1)} ms then`;
    process.stdout.write(`${told}\n`);
    test.info().annotations.push({ type: 'time', description: told });
    expect(median).toBeLessThan(100);
  }
});
