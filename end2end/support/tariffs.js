// The demo city's tariffs as its own files tell them: which service each belongs to, and the examples in it.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const demo = resolve(import.meta.dirname, '../../server/demo');

/** The value after `key =` in a block of the file. */
const value = (block, key) => block.match(new RegExp(`^${key} = "?([^"\\n]+)"?$`, 'm'))?.[1];

/** Services with a tariff: institution, code, tariff. */
export const services = readFileSync(join(demo, 'services.toml'), 'utf8')
  .split('[[service]]')
  .map((block) => ({ institution: value(block, 'institution'), code: value(block, 'code'), tariff: block.match(/tariff = "([a-z-]+)"/)?.[1] }))
  .filter(({ tariff }) => tariff);

/** The pairs of an inline table whose values hold no braces. */
const pairs = (text) => [...text.matchAll(/([a-z_0-9]+) = (?:"([^"]*)"|([^,}\s]+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]);

/** The examples of a tariff's last version: name, answers, status, total. */
export function examples(tariff) {
  const folder = join(demo, 'tariffs', tariff);
  const file = readdirSync(folder).sort().at(-1);
  const text = readFileSync(join(folder, file), 'utf8');
  return text
    .split('[[example]]')
    .slice(1)
    .map((block) => ({
      name: value(block, 'name'),
      today: value(block, 'today'),
      answers: pairs(block.match(/^inputs = \{(.*)\}$/m)[1]),
      status: block.match(/status = "([a-z_]+)"/)[1],
      total: block.match(/total = "([^"]+)"/)?.[1],
    }));
}

/** Whether what is due may change with the day alone. */
export const looksAtToday = (tariff) => {
  const folder = join(demo, 'tariffs', tariff);
  const text = readFileSync(join(folder, readdirSync(folder).sort().at(-1)), 'utf8');
  return /^(value|when|that) = "[^"]*\btoday\b/m.test(text);
};
