// Measures the pages: what they weigh, how fast they show themselves, what Lighthouse thinks. Fails where a limit of
// `budgets.js` is broken.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import { executablePath, flags } from '../support/chromium.js';
import { answers, freePort, startCity, stop } from '../support/city.js';
import { pay } from '../support/journey.js';
import { payable } from '../support/notices.js';
import * as paths from '../support/paths.js';
import { openQuotes, serveQuotes, timeOfQuotes, workedNatively } from '../support/quotes.js';
import seed from '../support/seed.js';
import { report, store } from './report.js';
import { steps, transfers } from './transfers.js';

const RUNS = 5;
const QUOTE_ROUNDS = 100;

const removeSeed = await seed();
// Lighthouse has a browser of its own: one that Playwright steers records no trace for it.
const port = await freePort();
const profile = await mkdtemp(join(tmpdir(), 'lanterna-lighthouse-'));
const judge = spawn(
  executablePath(),
  ['--headless', ...flags, `--user-data-dir=${profile}`, `--remote-debugging-port=${port}`, 'about:blank'],
  { stdio: 'ignore' },
);
judge.log = [];
const browser = await chromium.launch({ executablePath: executablePath(), args: flags });
const city = await startCity();
try {
  await answers(`http://127.0.0.1:${port}/json/version`, judge);
  const [paid, open] = payable();
  const addresses = {
    home: paths.home('it'),
    notice: paths.notice('it', open),
    outcome: paths.outcome('it', await paidPayment(paid)),
  };
  const pages = {};
  let environment;
  for (const [name, address] of Object.entries(addresses)) {
    const results = [];
    for (let run = 0; run < RUNS; run += 1) results.push(await judged(city.url + address));
    environment = results[0].lhr;
    pages[name] = { ...(await transfers(browser, city, address)), ...medians(results, name === 'home') };
    console.log(`${name}: performance ${results.map(({ lhr }) => Math.round(lhr.categories.performance.score * 100)).join(' ')}`);
  }
  const { text, broken } = report({
    pages,
    steps: await steps(browser, city, open),
    quotes: await quotes(),
    sizes: await sizes(),
    versions: {
      chromium: browser.version(),
      lighthouse: environment.lighthouseVersion,
      benchmarkIndex: environment.environment.benchmarkIndex,
      runs: RUNS,
    },
  });
  await store('pages', text);
  console.log(`\n${text}\n`);
  for (const limit of broken) console.error(`over the limit: ${limit}`);
  process.exitCode = broken.length ? 1 : 0;
} finally {
  await stop(judge);
  await browser.close();
  await city.stop();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  await removeSeed();
}

/** Pays a notice and tells the reference of the payment. */
async function paidPayment(notice) {
  const page = await browser.newPage({ baseURL: city.url });
  const token = await pay(page, city, 'it', [notice]);
  await page.close();
  return token;
}

/** One run of Lighthouse with its mobile preset, which is its own default. */
async function judged(url) {
  const result = await lighthouse(url, {
    port,
    logLevel: 'error',
    onlyCategories: ['performance', 'accessibility', 'best-practices', 'seo'],
  });
  if (result.lhr.runtimeError) throw new Error(`${url}: ${result.lhr.runtimeError.message}`);
  return result;
}

function medians(results, isIndexable) {
  const median = (value) => results.map(value).sort((a, b) => a - b)[Math.floor(results.length / 2)];
  const audit = (name) => median(({ lhr }) => lhr.audits[name].numericValue);
  const score = (name) => median(({ lhr }) => Math.round(lhr.categories[name].score * 100));
  const lowered = (name) =>
    results[0].lhr.categories[name].auditRefs
      .filter(({ id, weight }) => weight > 0 && (results[0].lhr.audits[id].score ?? 1) < 1)
      .map(({ id }) => id);
  for (const name of ['accessibility', 'best-practices', ...(isIndexable ? ['seo'] : [])]) {
    if (score(name) < 100) console.error(`${name}: ${lowered(name).join(', ')}`);
  }
  return {
    lcp: audit('largest-contentful-paint'),
    fcp: audit('first-contentful-paint'),
    tbt: audit('total-blocking-time'),
    cls: audit('cumulative-layout-shift'),
    performance: score('performance'),
    accessibility: score('accessibility'),
    bestPractices: score('best-practices'),
    seo: isIndexable ? score('seo') : undefined,
  };
}

/** How long a fee takes in the browser. */
async function quotes() {
  const served = await serveQuotes();
  const page = await browser.newPage();
  await openQuotes(page, served.url);
  const times = await timeOfQuotes(page, workedNatively(), QUOTE_ROUNDS);
  await page.close();
  await served.stop();
  return times;
}

/** Sizes of the portal's Wasm modules and of their glue, from the bundling tool's manifest. */
async function sizes() {
  const root = resolve(import.meta.dirname, '../..');
  const site = process.env.LANTERNA_SITE ?? join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'site');
  const { files } = JSON.parse(await readFile(join(site, 'manifest.json'), 'utf8'));
  const module = (name) => ({ wasm: files[`${name}_bg.wasm`], glue: files[`${name}.js`] });
  return { portal: module('frontend'), calculator: module('calculator') };
}
