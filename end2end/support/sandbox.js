// What tests ask of the sandbox hub, beside what people do on its pages.

async function post(city, path, body) {
  const answer = await fetch(city.hubUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Switches faults and delays on; what is not named is as in peace. */
export const mischief = (city, faults) => post(city, '/api/mischief', faults);

/** Somebody pays a notice at a counter. `payment` may carry the reference of a cart as `payment_note`. */
export const payAtCounter = (city, { institution, notice_number }, payment = {}) =>
  post(city, '/api/psp/pay', { institution, notice_number, ...payment });

/** The receipts the hub has sent or will send, newest first. */
export const receipts = async (city) => (await fetch(`${city.hubUrl}/api/receipts`)).json();
