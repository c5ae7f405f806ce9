// The words the tests look for, in both languages. A test that finds its way by them finds it as people do.

const italian = {
  home: '/',
  submit: 'Vedi l’avviso',
  code: 'Codice avviso',
  pay: 'Paga ora',
  payAmount: /^Paga .+ con pagoPA$/,
  email: 'E-mail (facoltativa)',
  add: 'Aggiungi',
  remove: /^Togli/,
  summary: 'Controlla e paga',
  paid: 'Pagamento riuscito',
  waiting: 'Aspettiamo la conferma',
  cancelled: 'Hai annullato il pagamento',
  failed: 'Pagamento non riuscito',
  partlyPaid: 'Una parte è pagata',
  nothingCharged: 'Non è stato addebitato alcun importo.',
  openReceipt: /^Apri la ricevuta/,
  receipt: 'Ricevuta di pagamento',
  findReceipt: 'Ritrova una ricevuta',
  proof: 'Ultimi 5 caratteri del codice fiscale',
  openIt: 'Apri la ricevuta',
  notFound: 'Non troviamo questo avviso',
  skip: 'Vai al contenuto principale',
  otherLanguage: 'English',
};

const english = {
  home: '/en',
  submit: 'See the notice',
  code: 'Notice code',
  pay: 'Pay now',
  payAmount: /^Pay .+ with pagoPA$/,
  email: 'E-mail (optional)',
  add: 'Add',
  remove: /^Remove/,
  summary: 'Check and pay',
  paid: 'Payment successful',
  waiting: 'Waiting for the confirmation',
  cancelled: 'You cancelled the payment',
  failed: 'Payment not successful',
  partlyPaid: 'Part of it is paid',
  nothingCharged: 'No amount was charged.',
  openReceipt: /^Open the receipt/,
  receipt: 'Payment receipt',
  findReceipt: 'Find a receipt',
  proof: 'Last 5 characters of the tax code',
  openIt: 'Open the receipt',
  notFound: 'We cannot find this notice',
  skip: 'Skip to main content',
  otherLanguage: 'Italiano',
};

/** By language. */
export const words = { it: italian, en: english };
export const languages = ['it', 'en'];
