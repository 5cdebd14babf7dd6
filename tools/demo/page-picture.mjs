// Takes docs/browser.png from the page of `npm start -- export runs/demo --detector ReAct --page site`; its folder is the argument.
// Needs Chromium: FAROUT_CHROMIUM names it.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import '../ts.mjs';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const { demoImages } = await import('../../packages/demo/src/demo-images.ts');

const folder = path.resolve(process.argv[2] ?? 'site');
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The first images of a set of the demonstration, as files. */
async function files(set, count) {
  const { images } = await demoImages.open({ set, count, seed: 2 });
  return Promise.all(
    images.map(async ({ id, read }) => ({
      name: `${set}-${id}.png`,
      mimeType: 'image/png',
      buffer: Buffer.from(await read()),
    })),
  );
}

const server = createServer(async ({ url }, response) => {
  const name = path.basename(url === '/' ? 'index.html' : url);
  response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream');
  response.end(await readFile(path.join(folder, name)));
}).listen(0, '127.0.0.1');
const browser = await chromium.launch({
  executablePath: process.env.FAROUT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 1230 }, deviceScaleFactor: 1 });
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForSelector('#file:enabled', { state: 'attached' });
const shown = [
  ...(await files('objects', 5)),
  ...(await files('textures', 2)),
  ...(await files('hybrid-shapes', 1)),
  ...(await files('noise', 1)),
];
await page.setInputFiles('#file', shown);
await page.waitForTimeout(5000);
await sharp(await page.screenshot())
  .png({ palette: true })
  .toFile(fileURLToPath(new URL('../../docs/browser.png', import.meta.url)));
await browser.close();
server.close();
