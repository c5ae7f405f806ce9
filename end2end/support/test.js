// What every test gets: a city of its own, and a watch over what no page may do.

import { test as base, expect } from '@playwright/test';
import { startCity } from './city.js';
import { leftBehind, watch } from './watch.js';

export { expect };

export const test = base.extend({
  /** How the city of a test is started; see `startCity`. */
  cityOptions: [{}, { option: true }],

  /** A city nobody else touches. */
  city: async ({ cityOptions }, use, info) => {
    const city = await startCity(cityOptions);
    await use(city);
    if (info.status !== info.expectedStatus) await info.attach('log', { body: city.log(), contentType: 'text/plain' });
    await city.stop();
  },

  baseURL: async ({ city }, use) => use(city.url),

  /** Every page is watched; what it did wrong fails the test at its end. */
  context: async ({ context, city }, use) => {
    const problems = watch(context, city);
    await use(context);
    problems.push(...(await leftBehind(context, city)));
    expect(problems, 'what the pages did wrong').toEqual([]);
  },
});
