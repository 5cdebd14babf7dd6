import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { differencesFrom } from '../../src/differences.ts';
import { htmlReporter } from '../../src/html-reporter.ts';
import { shared } from '../drawn-run.ts';
import { fiftyByTen } from '../fifty-by-ten.ts';

const executable = [
  process.env.FAROUT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file !== undefined && existsSync(file));
const describeInBrowser = executable ? describe : describe.skip;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The folder for pictures of the page, for people who want to look at them. */
const screenshots = process.env.FAROUT_SCREENSHOTS;
const folder = mkdtempSync(path.join(tmpdir(), 'farout-fifty-'));
const file = path.join(folder, 'report.html');
const run = fiftyByTen(100);
let browser: Browser;
let complaints: string[];

async function open(width = 1400, more: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, ...more })).newPage();
  complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return page;
}

const shownRows = (page: Page) => page.locator('#results [data-metric="fpr95"] tbody tr:visible th').allInnerTexts();

describeInBrowser('the report of fifty detectors on ten sets in Chromium (skipped where there is none)', () => {
  beforeAll(async () => {
    writeFileSync(file, await htmlReporter.render(run.results, run.data, shared));
    browser = await chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has 5 MB at most, and is drawn in 3 s of work', async () => {
    expect(readFileSync(file).length).toBeLessThan(5e6);
    const page = await open();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await page.reload();
    const { metrics } = await session.send('Performance.getMetrics');
    expect(metrics.find(({ name }) => name === 'TaskDuration')!.value).toBeLessThan(3);
  });

  it.each([
    [1400, 'light'],
    [390, 'dark'],
  ] as const)('fits %i pixels, %s: nothing is cut, nothing complains, axe finds nothing', async (width, scheme) => {
    const page = await open(width, { colorScheme: scheme });
    if (screenshots) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: path.join(screenshots, `fifty-${width}-${scheme}.png`), fullPage: true });
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const cut = await page.evaluate(
      () =>
        [...document.querySelectorAll('svg.drawn')].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter((text) => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            return left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
          });
        }).length,
    );
    expect(cut).toBe(0);
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } };
      return (await axe.run()).violations.map(({ id }) => id);
    });
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('begins with the best, and filters by name and by what detectors look at', async () => {
    const page = await open();
    const average = run.results.results.filter(({ metric, ood }) => metric === 'fpr95' && ood === 'average');
    const best = average.toSorted((a, b) => a.value - b.value).map(({ detector }) => detector);
    expect((await shownRows(page))[0]).toBe(best[0]);
    await page.locator('#find').fill('mahala');
    expect(await shownRows(page)).toEqual(['Mahalanobis ensemble']);
    expect(await page.locator('#ranking circle').count()).toBe(1);
    await page.locator('#find').fill('nothing of this name');
    expect(await page.locator('#ranking').innerText()).toBe('No detector is left by these filters.');
    await page.locator('#find').fill('');
    await page.getByRole('checkbox', { name: 'logits' }).uncheck();
    expect((await shownRows(page)).length).toBe(40);
  });

  it("compares with the reader's baseline, in the headline too", async () => {
    const page = await open();
    await page.locator('#baseline').selectOption({ label: 'Detector 20' });
    const { rows } = differencesFrom('Detector 20', run.results).find(
      ({ metric, ood }) => metric === 'fpr95' && ood === 'near',
    )!;
    const cell = page.locator('.answers[data-metric="fpr95"] td.gain').first();
    const first = (await cell.getAttribute('data-detector'))!;
    const { difference } = rows.find(({ detector }) => detector === first)!;
    const points = Math.abs(100 * difference).toFixed(2);
    expect(await cell.innerText()).toContain(`${difference < 0 ? '−' : '+'}${points} points`);
    expect(await page.locator('h2 .baseline').innerText()).toBe('Detector 20');
    const table = await page.locator('#differences-table tbody tr').allInnerTexts();
    expect(table.length).toBe(50);
    expect(table.find((line) => line.startsWith('Detector 20\t'))).toMatch(/baseline$/);
  });

  it('draws the curves of whom the reader chooses, and the histograms of one', async () => {
    const page = await open();
    const curves = () => page.locator('#curves svg').first().locator('path').count();
    // Five, and the line of chance.
    expect(await curves()).toBe(6);
    await page.locator('.chooser summary').click();
    await page.getByRole('checkbox', { name: 'Mahalanobis ensemble' }).check();
    expect(await curves()).toBe(7);
    await page.locator('#histogram-choice').selectOption({ label: 'Mahalanobis ensemble' });
    expect(await page.locator('#histograms svg').first().getAttribute('aria-label')).toMatch(
      /^Scores of Mahalanobis ensemble: ID and /,
    );
    expect(await page.locator('#histograms svg').count()).toBe(10);
  });

  it('has without a script the curves of the five best on all sets, and the histograms of the best', async () => {
    const page = await open(390, { javaScriptEnabled: false });
    const average = run.results.results.filter(({ metric, ood }) => metric === 'fpr95' && ood === 'average');
    const best = average.toSorted((a, b) => a.value - b.value).map(({ detector }) => detector);
    expect(await page.locator('#curve-legend li').allInnerTexts()).toEqual(best.slice(0, 5));
    expect(await page.locator('#curves svg:visible').count()).toBe(10);
    expect(await page.locator('#curves svg').first().locator('path').count()).toBe(6);
    expect(await page.locator('#histograms svg:visible').count()).toBe(10);
    expect(await page.locator('#histograms svg').first().getAttribute('aria-label')).toBe(
      `Scores of ${best[0]!}: ID and ssb-hard`,
    );
    expect(await page.locator('.controls:visible, .chooser:visible').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  it('has contents that lead to what there is', async () => {
    const page = await open();
    for (const id of ['results', 'charts', 'scores', 'parts', 'mistakes', 'plugins', 'provenance']) {
      await page.locator(`nav a[href="#${id}"]`).click();
      expect(
        await page.locator(`#${id}`).evaluate((section) => section.getBoundingClientRect().top < innerHeight),
      ).toBe(true);
    }
  });

  it('shows the images that the chosen detector got wrong', async () => {
    const page = await open();
    const section = page.locator('#mistakes');
    await section.locator('select').selectOption({ label: 'Mahalanobis ensemble' });
    expect(await section.locator('.picture:visible').count()).toBe(8 + 2);
    expect(await section.locator('summary:visible').allInnerTexts()).toEqual(['Mahalanobis ensemble']);
  });
});
