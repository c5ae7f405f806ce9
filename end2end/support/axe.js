// axe-core on a page: WCAG 2.0 to 2.2 at levels A and AA, EN 301 549, and good practice.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice'];

/** What is wrong on the page as it is now, one line for each element. */
export async function violations(page) {
  // Evaluated by the browser's own tools, so that the page's content policy stays as it is.
  await page.evaluate(source);
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', values: tags } }), TAGS);
  return found.violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${help}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`),
  );
}
