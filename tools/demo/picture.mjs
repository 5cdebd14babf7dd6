// Takes docs/report.png, the README's picture, from the report of `npm start`. Needs Chromium: FAROUT_CHROMIUM names it.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const pathOf = (file) => new URL(`../../${file}`, import.meta.url);

const browser = await chromium.launch({
  executablePath: process.env.FAROUT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1120, height: 800 }, deviceScaleFactor: 1 });
await page.goto(pathOf('runs/demo/report.html').href);
// The page is long: one of its tables and a row of each of the first kinds of pictures tell what it is.
await page.evaluate(() => {
  const hide = (elements) => elements.forEach((element) => element.remove());
  hide([...document.querySelectorAll('.scroll[data-metric]')].slice(2));
  for (const left of ['#results .note', '#scores .note', '#activations .note', '#sweeps', '#mistakes', '#provenance']) {
    const elements = [...document.querySelectorAll(left)];
    if (elements.length === 0) throw new Error(`the report has no ${left} any more`);
    hide(elements);
  }
  hide([...document.querySelectorAll('details:not([open])')]);
  for (const grid of document.querySelectorAll('#scores .figures')) hide([...grid.children].slice(3));
  hide([...document.querySelectorAll('#activations .figures')].slice(1));
});
const picture = await page.screenshot({ fullPage: true });
await sharp(picture)
  .png({ palette: true })
  .toFile(fileURLToPath(pathOf('docs/report.png')));
await browser.close();
