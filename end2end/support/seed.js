// Before everything: the demo city is seeded once, the way people start it; each test gets a copy of the archive.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, lanterna, start, stop } from './city.js';

/** Seeds, and returns what removes the seed at the end. */
export default async function seed() {
  const folder = await mkdtemp(join(tmpdir(), 'lanterna-seed-'));
  process.env.LANTERNA_SEED = folder;
  const database = `sqlite:${join(folder, 'lanterna.db')}`;
  await seedDatabase(database);
  await writeFile(join(folder, 'codes.json'), demoCodes(database));
  return () => rm(folder, { recursive: true, force: true });
}

/** Fills an empty archive with the demo city. */
export async function seedDatabase(database) {
  const portal = `127.0.0.1:${await freePort()}`;
  const sandbox = `127.0.0.1:${await freePort()}`;
  const demo = start(['serve', '--demo', '--listen', portal, '--sandbox-listen', sandbox, '--database', database]);
  try {
    await answers(`http://${portal}/health/ready`, demo);
  } finally {
    await stop(demo);
  }
}

function demoCodes(database) {
  return execFileSync(lanterna, ['demo', 'codes', '--json', '--database', database], { encoding: 'utf8' });
}
