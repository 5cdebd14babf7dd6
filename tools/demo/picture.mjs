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
// The page is long, so the picture shows its first screen and its overview.
await page.evaluate(() => {
  const remove = (elements) => elements.forEach((element) => element.remove());
  const found = (selector) => {
    const elements = [...document.querySelectorAll(selector)];
    if (elements.length === 0) throw new Error(`the report no longer has ${selector}`);
    return elements;
  };
  const shown = ['header', '#results', '#charts'].flatMap(found);
  remove(found('main > *').filter((element) => !shown.includes(element)));
  remove(found('#results > .scroll ~ .note, .chooser'));
});
const picture = await page.screenshot({ fullPage: true });
await sharp(picture)
  .png({ palette: true })
  .toFile(fileURLToPath(pathOf('docs/report.png')));
await browser.close();
