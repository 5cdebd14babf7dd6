import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { axeViolations } from './axe.ts';
import { chromiumFile } from './chromium-file.ts';
import { runCli } from './run-cli.ts';

const pathOf = (file: string) => fileURLToPath(new URL(`../../../${file}`, import.meta.url));
const describeInBrowser = chromiumFile ? describe : describe.skip;

const folder = mkdtempSync(path.join(tmpdir(), 'farout-page-'));
/** The folder for pictures of the page, for people who want to look at them. */
const screenshots = process.env.FAROUT_SCREENSHOTS;

const views = [
  ['wide and light', 1400, 'light'],
  ['wide and dark', 1400, 'dark'],
  ['narrow and light', 390, 'light'],
  ['narrow and dark', 390, 'dark'],
] as const;

let browser: Browser;
/** What the page's console and the network had to say. */
let complaints: string[];

async function open(width = 1400, colorScheme: 'light' | 'dark' = 'light', javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
  const page = await context.newPage();
  complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const file = pathToFileURL(path.join(folder, 'run', 'report.html')).href;
  page.on('request', (request) => {
    if (request.url() !== file && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await page.goto(file);
  return page;
}

const openAll = (page: Page) =>
  page.evaluate(() => document.querySelectorAll('details').forEach((element) => (element.open = true)));

describeInBrowser('the report in Chromium (skipped where there is none: see FAROUT_CHROMIUM)', () => {
  beforeAll(async () => {
    if (screenshots) mkdirSync(screenshots, { recursive: true });
    const ood = ['noise', 'textures', 'unseen-shapes'];
    const few = ['objects', 'validation', ...ood].map((set) => `datasets.${set}.demo-images.count=24`);
    const overrides = ['store=store', `ood=[${ood.join()}]`, ...few];
    const words = ['run', pathOf('configs/demo.yaml'), '--out', 'run', ...overrides.flatMap((each) => ['--set', each])];
    const { code, stderr } = await runCli(words, { cwd: folder });
    if (code !== 0) throw new Error(stderr);
    browser = await chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(views)('%s: fits the window, complains of nothing, and passes axe', async (view, width, scheme) => {
    const page = await open(width, scheme);
    const picture = `${view.replaceAll(' ', '-')}.png`;
    if (screenshots) await page.screenshot({ path: path.join(screenshots, picture), fullPage: true });
    await openAll(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const violations = await axeViolations(page);
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('cuts nothing of a picture: every text lies inside its drawing', async () => {
    const page = await open(390);
    await openAll(page);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('figure svg, svg.drawn')].flatMap((svg) => {
        const frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')]
          .filter((text) => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            return left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
          })
          .map((text) => `${svg.getAttribute('aria-label')}: ${text.textContent}`);
      }),
    );
    expect(cut).toEqual([]);
  });

  it('gives every picture axes with names', async () => {
    const page = await open();
    const titles = await page.evaluate(() =>
      [...document.querySelectorAll('.figures svg')].map(
        (svg) => [...svg.querySelectorAll('text')].filter(({ textContent }) => /[a-z]{2}/i.test(textContent)).length,
      ),
    );
    expect(titles.length).toBeGreaterThan(20);
    expect(new Set(titles)).toEqual(new Set([2]));
  });

  it('shows one metric at a time, which the switch chooses', async () => {
    const page = await open();
    const shown = async (metric: string) => page.locator(`#results [data-metric="${metric}"]`).isVisible();
    expect([await shown('fpr95'), await shown('fpr95-ood-positive')]).toEqual([true, false]);
    await page.getByRole('radio', { name: 'OOD positive' }).check();
    expect([await shown('fpr95'), await shown('fpr95-ood-positive')]).toEqual([false, true]);
  });

  it('sorts a table by the column whose head is clicked, up and then down', async () => {
    const page = await open();
    await page.getByRole('radio', { name: 'AUROC' }).check();
    const table = page.locator('#results [data-metric="auroc"] table');
    const values = () =>
      table.locator('tbody tr td:nth-child(2)').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.value)));
    const original = await values();
    expect(original).toEqual(original.toSorted((a, b) => b - a));
    const head = table.getByRole('button', { name: 'average' });
    await head.click();
    expect(await values()).toEqual(original.toSorted((a, b) => a - b));
    await head.click();
    expect(await values()).toEqual(original.toSorted((a, b) => b - a));
    await table.getByRole('button', { name: /AUROC/ }).click();
    const names = await table.locator('tbody th').allInnerTexts();
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b)));
  });

  it('shows the tables of all metrics without a script, and says what else there is', async () => {
    const page = await open(1400, 'light', false);
    expect(await page.locator('table.metric').count()).toBe(6);
    for (const table of await page.locator('table.metric').all()) expect(await table.isVisible()).toBe(true);
    expect(await page.locator('.controls:visible, #charts:visible').count()).toBe(0);
    expect(await page.locator('#curves svg:visible').count()).toBe(3);
    expect(await page.getByText('sorting, filters and comparisons need JavaScript').isVisible()).toBe(true);
  });
});
