// How a page bears small windows and large letters.

/** What sticks out of the window, or is cut off: empty when the page fits. */
export const misfits = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > width) {
      found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
    }
    const name = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${[...element.classList].join('.')}`;
    for (const element of document.body.querySelectorAll('*')) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const hidden = style.visibility === 'hidden' || box.width <= 1 || box.height <= 1 || element.closest('.visually-hidden, .visually-hidden-focusable, svg');
      if (hidden) continue;
      if (box.right > width + 1 || box.left < -1) found.push(`${name(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}`);
      const cut = ['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
      if (cut && element.tagName !== 'INPUT') found.push(`${name(element)} cuts off its content`);
    }
    return found;
  });

/** The words people see in the content. */
export const wordsSeen = async (page) => (await page.getByRole('main').innerText()).split(/\s+/).filter(Boolean).sort().join(' ');

/** Controls smaller than 24 by 24 pixels that are not part of a sentence (WCAG 2.5.8). */
export const smallTargets = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        if (width <= 1 || height <= 1 || element.matches('.visually-hidden') || element.closest('p, dd, li')) return false;
        return width < 24 || height < 24;
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
