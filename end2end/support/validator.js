// What the national validator of municipal sites looks for on each page, as far as a payment portal has it.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const sheet = resolve(import.meta.dirname, '../../style/node_modules/bootstrap-italia/dist/css/bootstrap-italia.min.css');
const FONTS = ['Titillium Web', 'Lora', 'Roboto Mono'];
const SHARE_MIN = 0.3;

/** Classes of Bootstrap Italia; nothing when the build's packages are not there. */
function officialClasses() {
  if (!existsSync(sheet)) return undefined;
  return new Set([...readFileSync(sheet, 'utf8').matchAll(/\.(-?[_a-zA-Z][\w-]*)/g)].map(([, name]) => name));
}

const official = officialClasses();

/** Everything the validator would complain of. */
export async function complaints(page, language) {
  const found = await page.evaluate(() => {
    const fonts = new Set();
    for (const element of document.querySelectorAll('h1,h1 *,h2,h2 *,h3,h3 *,h4,h4 *,h5,h5 *,h6,h6 *,p,p *')) {
      if (!element.closest('svg')) fonts.add(getComputedStyle(element).fontFamily.split(',')[0].replaceAll(/["']/g, '').trim());
    }
    const link = (name) => {
      const element = document.querySelector(`footer [data-element="${name}"]`);
      return element && { label: element.textContent.trim(), href: element.href };
    };
    const names = ['accessibility-link', 'privacy-policy-link', 'legal-notes', 'faq', 'report-inefficiency', 'appointment-booking'];
    return {
      fonts: [...fonts],
      version: getComputedStyle(document.body).getPropertyValue('--bootstrap-italia-version'),
      classes: [...new Set([...document.querySelectorAll('*')].flatMap((element) => [...element.classList]))],
      links: Object.fromEntries(names.map((name) => [name, link(name)])),
    };
  });

  const wrong = found.fonts.filter((font) => !FONTS.includes(font)).map((font) => `C.SI.1.1: text in ${font}`);
  if (!/^\s*["']?2\.\d+/.test(found.version)) wrong.push(`C.SI.1.2: Bootstrap Italia is of version “${found.version}”`);
  const share = official && found.classes.filter((name) => official.has(name)).length / found.classes.length;
  if (share < SHARE_MIN) wrong.push(`C.SI.1.2: ${Math.round(share * 100)} % of the classes are Bootstrap Italia’s`);
  for (const [name, link] of Object.entries(found.links)) if (!link?.href) wrong.push(`footer: no ${name}`);
  if (!found.links['accessibility-link']?.href.startsWith('https://form.agid.gov.it/')) wrong.push('C.SI.3.2: statement not at AgID');
  if (language === 'it') {
    if (!/faq|domande frequenti/i.test(found.links.faq?.label)) wrong.push('C.SI.2.3: label of the questions');
    if (!/^(disservizio|segnala disservizio|segnalazione disservizio)$/i.test(found.links['report-inefficiency']?.label)) {
      wrong.push('C.SI.2.4: label of the report');
    }
  }
  return wrong;
}

/** Names of elements the rating must have (C.SE.1.7). */
export const feedback = [
  'feedback',
  'feedback-title',
  'feedback-rate-1',
  'feedback-rate-2',
  'feedback-rate-3',
  'feedback-rate-4',
  'feedback-rate-5',
  'feedback-rating-positive',
  'feedback-rating-negative',
  'feedback-rating-question',
  'feedback-rating-answer',
  'feedback-input-text',
];
