import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { htmlReporter } from '../../src/html-reporter.ts';
import { shared } from '../drawn-run.ts';
import { fiftyByTen } from '../fifty-by-ten.ts';

const executable = [
  process.env.FAROUT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file !== undefined && existsSync(file));
/** The report of fifty detectors on ten sets. */
export let file: string;
export const run = fiftyByTen(100);
/** What the page that was opened last had to say. */
export let complaints: string[];
let browser: Browser;

export async function open(width = 1400, more: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, ...more })).newPage();
  complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return page;
}

/** Tests of the page in Chromium; skipped where there is none. */
export function describeFifty(what: string, tests: () => void): void {
  (executable ? describe : describe.skip)(`${what} (in Chromium; skipped where there is none)`, () => {
    beforeAll(async () => {
      file = path.join(mkdtempSync(path.join(tmpdir(), 'farout-fifty-')), 'report.html');
      writeFileSync(file, await htmlReporter.render(run.results, run.data, shared));
      browser = await chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] });
    });

    afterAll(async () => {
      await browser.close();
      rmSync(path.dirname(file), { recursive: true, force: true });
    });

    tests();
  });
}
