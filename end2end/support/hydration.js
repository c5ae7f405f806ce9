// Waiting for the browser to take a page over.

/** To be called before the first page is opened: notes when the Wasm runs. */
export async function watchHydration(context) {
  await context.addInitScript(() => {
    for (const name of ['instantiate', 'instantiateStreaming']) {
      const original = WebAssembly[name].bind(WebAssembly);
      WebAssembly[name] = async (...args) => {
        const instance = await original(...args);
        // The module starts in the turns after this one, and shows what it changed in the next frame.
        setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.takenOver = true))));
        return instance;
      };
    }
  });
}

/** Waits until the page is taken over. */
export async function takenOver(page) {
  await page.waitForFunction(() => globalThis.takenOver === true);
}

/** Leaves a mark that a reload would wipe out. */
export const mark = (page) => page.evaluate(() => void (globalThis.markedByTest = true));

/** Whether the page is still the one that was marked. */
export const isMarked = (page) => page.evaluate(() => globalThis.markedByTest === true);
