// Markdown of the measures, and its place in `server/docs/benchmarks.md`.

import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { isOnTarget, isWithin, nationalCheckout, pageBudgets, quoteBudgets, stepBudgets, written } from './budgets.js';

const document = resolve(import.meta.dirname, '../../server/docs/benchmarks.md');

/** The part of the document, and every limit that was broken. */
export function report({ pages, steps, quotes, sizes, versions }) {
  const broken = [];
  const cell = (value, budget, where) => {
    if (value === undefined) return '–';
    if (!isWithin(value, budget)) {
      broken.push(`${where}: ${budget.name} is ${written(value, budget)}, the limit is ${written(budget.limit, budget)}`);
      return `**${written(value, budget)} ✗**`;
    }
    return isOnTarget(value, budget) ? written(value, budget) : `${written(value, budget)} ·`;
  };
  const names = Object.keys(pages);
  const rows = Object.entries(pageBudgets).map(([key, budget]) => [
    budget.name,
    ...names.map((name) => cell(pages[name][key], budget, name)),
    written(budget.target, budget),
    written(budget.limit, budget),
    written(nationalCheckout[key], budget),
  ]);
  const measured = (budgets, values, where) =>
    Object.entries(budgets).map(([key, budget]) => [
      budget.name,
      cell(values[key], budget, where),
      written(budget.target, budget),
      written(budget.limit, budget),
    ]);
  const stepRows = measured(stepBudgets, steps, 'steps');
  const quoteRows = measured(quoteBudgets, quotes, 'quotes');
  const kinds = [...new Set(names.flatMap((name) => Object.keys(pages[name].byKind)))];
  const kindRows = kinds.map((kind) => [kind, ...names.map((name) => written(pages[name].byKind[kind], { unit: 'kB' }))]);

  const text = [
    '## Pages',
    '',
    `\`make bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0].model.trim()}), ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Chromium ${versions.chromium}, Lighthouse ${versions.lighthouse} ` +
      `(mobile preset, median of ${versions.runs}, benchmark index ${Math.round(versions.benchmarkIndex)}), Node ${process.versions.node}. ` +
      'Served over HTTP/1.1 on loopback without TLS; cold cache. “·” is short of its target, “✗” breaks its limit.',
    '',
    table(['', ...names, 'target', 'fails', 'national Checkout'], rows),
    '',
    'The national Checkout (4.67.0, page for the notice code) was measured the same way on a machine of the same shape, with ' +
      'its third parties left out; it has no Wasm, so all it loads stands in the second row.',
    '',
    'Bytes that travel, by kind:',
    '',
    table(['', ...names], kindRows),
    '',
    `The Wasm is ${weights(sizes.portal)}. It is asked for when the page is idle after loading, or at the first touch.`,
    '',
    `The Wasm of the page that works a fee out, which no other page asks for, is ${weights(sizes.calculator)}.`,
    '',
    'From the home to a notice, to the summary and back, in the browser:',
    '',
    table(['', 'measured', 'target', 'fails'], stepRows),
    '',
    `A fee worked out in the browser, from answers to quote, both in JSON: ${quotes.count} quotes of the tariffs' worked examples, ` +
      `half of them within ${written(quotes.p50, quoteBudgets.p99)}.`,
    '',
    table(['', 'measured', 'target', 'fails'], quoteRows),
  ].join('\n');
  return { text, broken };
}

/** What a module and its glue weigh. */
function weights({ wasm, glue }) {
  const kB = (bytes) => written(bytes, { unit: 'kB' });
  return `${kB(wasm.raw)} as it is, ${kB(wasm.br)} in brotli; its glue ${kB(glue.raw)} and ${kB(glue.br)}`;
}

const table = (head, rows) =>
  [head, head.map((_, place) => (place ? '---:' : '---')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Puts a part between its markers, and leaves the rest of the document as it is. */
export async function store(part, text) {
  const [begin, end] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const before = await readFile(document, 'utf8').catch(() => '# Benchmarks\n\nWritten by `make bench`.\n');
  const place = before.indexOf(begin);
  const after = before.indexOf(end);
  const whole = `${begin}\n${text}\n${end}`;
  const changed = place < 0 || after < place ? `${before.trimEnd()}\n\n${whole}\n` : before.slice(0, place) + whole + before.slice(after + end.length);
  await writeFile(document, changed);
}
