// The notices of the demo city, by what they show.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedFolder } from './city.js';

export const MUNICIPALITY = '00856930102';
export const WASTE_COMPANY = '03001847015';
export const PARKING_COMPANY = '03001847023';

/** Every notice: `{ notice_number, institution, state, payable, about }`. */
export function notices() {
  return JSON.parse(readFileSync(join(seedFolder(), 'codes.json'), 'utf8'));
}

/** The first notice in a state. */
export const inState = (state) => first((notice) => notice.state === state, `in state ${state}`);

/** The first notice whose description begins so. */
export const about = (text) => first((notice) => notice.about.startsWith(text), `about “${text}”`);

/** Ordinary payable notices of an institution: each is a whole debt of one amount. */
export const payable = (institution = MUNICIPALITY) =>
  notices().filter((notice) => notice.institution === institution && notice.state === 'payable' && !/instalment|fine|stamp|replaces|shared|postal/.test(notice.about));

function first(test, what) {
  const found = notices().find(test);
  if (!found) throw new Error(`the demo city has no notice ${what}`);
  return found;
}

/** The 18 digits in groups of four, as printed. */
export const grouped = (number) => number.replace(/(.{4})(?=.)/g, '$1 ');

/** A notice as carts carry it. */
export const inCart = (notice) => `${notice.institution}-${notice.notice_number}`;

/** The text of the QR code on a printed notice. */
export const qrText = (notice, cents) => `PAGOPA|002|${notice.notice_number}|${notice.institution}|${cents}`;

/** A well written number that no institution of the demo issued: the last two digits are the rest of a division by 93. */
export function unknownNumber() {
  const head = '3992026123456789';
  return head + String(BigInt(head) % 93n).padStart(2, '0');
}
