// The demo city's tariffs as its own files tell them: which service each belongs to, and the examples in it.

import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
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

/** The day in Rome, as `2026-03-10`. */
export const dayInRome = (moment) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' }).format(moment);

/** When the next day begins in Rome. */
export function nextMidnightInRome() {
  const tomorrow = dayInRome(Date.now() + 24 * 60 * 60 * 1000);
  const moments = ['+02:00', '+01:00'].map((offset) => new Date(`${tomorrow}T00:00:00${offset}`));
  return moments.find((moment) => dayInRome(moment) === tomorrow && dayInRome(moment - 1) !== tomorrow);
}

/** Lets a catalogue's zoning certificates be five euro dearer from this day on. */
export const dearerCertificates = (from) => async (catalogue) => {
  const folder = join(catalogue, 'tariffs');
  const file = join(folder, 'destinazione-urbanistica/2025-01-01.toml');
  const text = await readFile(file, 'utf8');
  const day = dayInRome(from);
  const before = dayInRome(from - 1);
  await writeFile(file, text.replace('valid_from = 2025-01-01', `valid_from = 2025-01-01\nvalid_to = ${before}`));
  const dearer = text.split('[[example]]')[0].replaceAll('2025-01-01', day).replace('min(30.00€', 'min(35.00€');
  const example = `[[example]]
name = "una particella"
today = ${day}
inputs = { particelle = 1, uso = "successione", urgente = false }
expect = { version = "${day}", steps = { particelle_in_piu = "0" }, lines = { diritti_di_segreteria = "35.00" }, split = { comune = "35.00" }, total = "35.00", status = "due" }
`;
  await writeFile(join(folder, `destinazione-urbanistica/${day}.toml`), dearer + example);
  // These versions are published nowhere.
  await rm(join(folder, 'tariffs.lock'));
};
