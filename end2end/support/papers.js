// Receipts and notices drawn natively and in the browser, by the same code.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const site = process.env.LANTERNA_SITE ?? join(target, 'site');
const BYTES_MAX = 64 * 2 ** 20;

/** Decides the random documents. */
export const SEED = 20_260_311;

/** What is drawn natively: `{ name, printable, needs_wide, digest, size }`, every example and so many random ones. */
export function drawnNatively(random) {
  const args = [`--seed=${SEED}`, `--random=${random}`];
  return JSON.parse(execFileSync(join(target, 'release/native-papers'), args, { encoding: 'utf8', maxBuffer: BYTES_MAX }));
}

/** Where the portal serves a file of the site. */
export function asset(name) {
  const { files } = JSON.parse(readFileSync(join(site, 'manifest.json'), 'utf8'));
  return `/assets/${files[name].file}`;
}

/**
 * Makes `globalThis.drawPaper(printable)` draw on a page of the portal with the module and the fonts the portal serves:
 * `{ bytes, fonts }`, the fonts being those that were enough; no bytes where it draws nothing.
 */
export async function preparePapers(page) {
  const files = Object.fromEntries(['paper.js', 'paper_bg.wasm', 'core.pack', 'wide.pack'].map((name) => [name, asset(name)]));
  await page.evaluate(async (files) => {
    // The page's policy lets scripts import what its own first script imports for them.
    const { default: start, draw } = await globalThis.lanternaImport(files['paper.js']);
    await start({ module_or_path: files['paper_bg.wasm'] });
    const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
    const [core, wide] = await Promise.all([bytes(files['core.pack']), bytes(files['wide.pack'])]);
    globalThis.drawPaper = (printable) => {
      const data = Uint8Array.from(atob(printable), (byte) => byte.charCodeAt(0));
      const small = draw(data, core);
      return small ? { bytes: small, fonts: 'core' } : { bytes: draw(data, core, wide), fonts: 'wide' };
    };
  }, files);
}
