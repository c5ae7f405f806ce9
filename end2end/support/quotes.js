// Fees worked out natively and in the browser, by the same evaluator.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const BYTES_MAX = 64 * 2 ** 20;
const TYPES = { 'quotes.js': 'text/javascript', 'quotes_bg.wasm': 'application/wasm' };

/** Decides the random answers. */
export const SEED = 20_260_101;

/** Tariffs at hand: the demo city's, the one of the evaluator's own tests, the specification's where it is there. */
function tariffs() {
  const ours = ['server/demo/tariffs', 'app/tariff/tests/common/base.toml'].map((path) => join(root, path));
  const specification = join(process.env.LANTERNA_SPEC_DIR ?? resolve(root, '../shared/spec'), 'tariffs');
  if (existsSync(specification)) return [...ours, specification];
  process.stderr.write(`SKIPPED: ${specification} is not there; set LANTERNA_SPEC_DIR\n`);
  return ours;
}

/**
 * What comes out natively, of all tariffs: `{ id, packed, examples, digests, statuses }`, with at least so many random
 * quotes over all of them.
 */
export function workedNatively(quotes = 0) {
  const args = [`--seed=${SEED}`, `--quotes=${quotes}`, ...tariffs()];
  return JSON.parse(execFileSync(join(target, 'release/native-quotes'), args, { encoding: 'utf8', maxBuffer: BYTES_MAX }));
}

/** Serves the evaluator's module on loopback, apart from the portal. */
export async function serveQuotes() {
  const { files } = JSON.parse(readFileSync(join(target, 'quotes/manifest.json'), 'utf8'));
  const server = createServer((request, response) => {
    // Alone in its process a page has a finer clock: 5 µs instead of 100.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    const name = request.url.slice(1);
    response.setHeader('content-type', TYPES[name] ?? 'text/html');
    response.end(TYPES[name] ? readFileSync(join(target, 'quotes', files[name].file)) : '<!doctype html><link rel="icon" href="data:,">');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => new Promise((done) => server.close(done)),
  };
}

/** Opens a page where `rates(packed)` gives the versions of a tariff, ready to work fees out. */
export async function openQuotes(page, url) {
  await page.goto(url);
  await page.evaluate(async () => {
    const { default: start, Rates } = await import('/quotes.js');
    await start({ module_or_path: '/quotes_bg.wasm' });
    globalThis.rates = (packed) => new Rates(Uint8Array.from(atob(packed), (byte) => byte.charCodeAt(0)));
  });
}

/**
 * How long the browser takes for a quote of an example, in milliseconds: `{ count, first, p50, p99 }`. Answers and
 * quote go through JSON, and the module starts cold.
 */
export function timeOfQuotes(page, worked, rounds) {
  const tariffs = worked.map(({ packed, examples }) => ({ packed, examples: examples.map(({ answers, today }) => [answers, today]) }));
  return page.evaluate(
    ({ tariffs, rounds }) => {
      const examples = tariffs.flatMap(({ packed, examples }) => {
        const rates = globalThis.rates(packed);
        return examples.map(([answers, today]) => () => rates.work_out(answers, today));
      });
      const times = [];
      for (let round = 0; round < rounds; round += 1) {
        for (const workOut of examples) {
          const begun = performance.now();
          workOut();
          times.push(performance.now() - begun);
        }
      }
      const [first] = times;
      times.sort((a, b) => a - b);
      const at = (part) => times[Math.ceil(times.length * part) - 1];
      return { count: times.length, first, p50: at(0.5), p99: at(0.99) };
    },
    { tariffs, rounds },
  );
}
