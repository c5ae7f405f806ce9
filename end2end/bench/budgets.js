// What the pages may cost. `target` is what we aim at, `limit` is where `make bench` fails. Sizes are bytes as they travel
// (brotli), times milliseconds; `atLeast` marks scores, where more is better.

const kB = 1000;

/** For the home, the page of a notice and the page of an outcome, each opened with a cold cache. */
export const pageBudgets = {
  htmlBytes: { name: 'HTML with its styles', unit: 'kB', target: 10 * kB, limit: 14 * kB },
  beforeWasmBytes: { name: 'everything before the Wasm', unit: 'kB', target: 30 * kB, limit: 40 * kB },
  wasmBytes: { name: 'Wasm and glue', unit: 'kB', target: 200 * kB, limit: 240 * kB },
  requestsBeforeWasm: { name: 'requests before the Wasm', target: 5, limit: 7 },
  requestsToStrangers: { name: 'requests to third parties', target: 0, limit: 0 },
  leftBehind: { name: 'cookies and storage', target: 0, limit: 0 },
  lcp: { name: 'largest contentful paint', unit: 's', target: 1100, limit: 1500 },
  fcp: { name: 'first contentful paint', unit: 's', target: 1000, limit: 1300 },
  tbt: { name: 'total blocking time', unit: 'ms', target: 60, limit: 200 },
  cls: { name: 'cumulative layout shift', target: 0.01, limit: 0.05 },
  performance: { name: 'Lighthouse performance', target: 100, limit: 97, atLeast: true },
  accessibility: { name: 'Lighthouse accessibility', target: 100, limit: 100, atLeast: true },
  bestPractices: { name: 'Lighthouse best practices', target: 100, limit: 100, atLeast: true },
  // Only of pages that search engines may list: the others are hidden from them on purpose.
  seo: { name: 'Lighthouse SEO', target: 100, limit: 100, atLeast: true },
};

/** For each step in the browser after the takeover. */
export const stepBudgets = {
  stepBytes: { name: 'each further page', unit: 'kB', target: 6 * kB, limit: 15 * kB },
  stepReloads: { name: 'pages loaded again', target: 0, limit: 0 },
};

/** For a fee worked out in the browser. */
export const quoteBudgets = {
  p99: { name: '99 quotes of 100 within', unit: 'µs', target: 0.1, limit: 1 },
};

/** The national Checkout's page for a notice code, measured the same way (version 4.67.0, its third parties left out). */
export const nationalCheckout = {
  htmlBytes: 732,
  beforeWasmBytes: 440_600,
  requestsBeforeWasm: 13,
  requestsToStrangers: 2,
  lcp: 4540,
  fcp: 2920,
  tbt: 1350,
  performance: 54,
  accessibility: 100,
  bestPractices: 100,
  seo: 100,
};

/** Whether a value is within the limit. */
export const isWithin = (value, { limit, atLeast }) => (atLeast ? value >= limit : value <= limit);

/** Whether a value reaches the target. */
export const isOnTarget = (value, { target, atLeast }) => (atLeast ? value >= target : value <= target);

/** A value for people. */
export function written(value, { unit } = {}) {
  if (value === undefined) return '–';
  if (unit === 'kB') return `${(value / kB).toFixed(1)} kB`;
  if (unit === 's') return `${(value / 1000).toFixed(2)} s`;
  if (unit === 'µs') return `${Math.round(value * 1000)} µs`;
  if (unit === 'ms') return `${Math.round(value)} ms`;
  return String(Math.round(value * 1000) / 1000);
}
