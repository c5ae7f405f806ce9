// The portal's addresses, in both languages.

import { inCart } from './notices.js';

const pick = (language, italian, english) => (language === 'it' ? italian : `/en${english}`);
const encode = encodeURIComponent;

export const home = (language) => pick(language, '/', '');
export const search = (language, text) => pick(language, '/avviso?codice=', '/notice?code=') + encode(text);
export const notice = (language, { institution, notice_number }) =>
  pick(language, '/avviso', '/notice') + `/${institution}/${notice_number}`;
export const noticeDocument = (language, key) => notice(language, key) + (language === 'it' ? '/documento' : '/document');
export const cart = (language, notices) =>
  pick(language, '/carrello', '/cart') +
  notices.map((notice, place) => `${place ? '&' : '?'}${language === 'it' ? 'avviso' : 'notice'}=${inCart(notice)}`).join('');
export const outcome = (language, token) => pick(language, '/esito/', '/outcome/') + token;
export const findReceipt = (language, code) =>
  pick(language, '/ricevuta', '/receipt') + (code ? `?${language === 'it' ? 'codice' : 'code'}=${code}` : '');
export const receipt = (language, token) => pick(language, '/ricevuta/', '/receipt/') + token;
export const help = (language) => pick(language, '/aiuto', '/help');
export const privacy = (language) => pick(language, '/privacy', '/privacy');
export const legalNotes = (language) => pick(language, '/note-legali', '/legal-notes');
export const accessibility = (language) => pick(language, '/accessibilita', '/accessibility');
export const services = (language) => pick(language, '/servizi', '/services');
export const calculator = (language, { institution, code }) => pick(language, '/calcola', '/calculate') + `/${institution}/${code}`;
export const rates = (language, service) => calculator(language, service) + (language === 'it' ? '/tariffe' : '/rates');
