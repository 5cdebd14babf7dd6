import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { metricTables } from '../../src/tables.ts';
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

const pageBest = (results: RunResults, metric: string, ood: string) => {
  const { columns, best } = metricTables(results)[results.metrics.findIndex(({ name }) => name === metric)]!;
  return best[columns.indexOf(ood)]!;
};
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
    await page.locator('#against [data-choice="baseline"]').selectOption({ label: 'Detector 20' });
    const { rows } = differencesFrom('Detector 20', run.results).find(
      ({ metric, ood }) => metric === 'fpr95' && ood === 'near',
    )!;
    const cell = page.locator('.answers[data-metric="fpr95"] td.gain').first();
    const first = (await cell.getAttribute('data-detector'))!;
    const { difference } = rows.find(({ detector }) => detector === first)!;
    const points = Math.abs(100 * difference).toFixed(2);
    expect(await cell.innerText()).toContain(`${difference < 0 ? '−' : '+'}${points}\u00a0points`);
    expect(await page.locator('h2 .baseline').innerText()).toBe('Detector 20');
    expect(await page.locator('.finding:visible .baseline').innerText()).toBe('Detector 20');
    // The list above the headline's table shows what was chosen at the other one.
    const chosen = page.locator('header [data-choice="baseline"] option:checked');
    expect(await chosen.innerText()).toBe('Detector 20');
    const table = await page.locator('#differences-table tbody tr').allInnerTexts();
    expect(table.length).toBe(50);
    expect(table.find((line) => line.startsWith('Detector 20\t'))).toMatch(/baseline$/);
  });

  it('answers by the metric and on the sets that the reader chooses, in the leaderboard and on the first screen', async () => {
    const page = await open();
    const first = (metric: string, on: string) =>
      run.results.results
        .filter((cell) => cell.metric === metric && cell.ood === on)
        .toSorted((a, b) => (metric === 'fpr95' ? a.value - b.value : b.value - a.value))[0]!.detector;
    const finding = () => page.locator('.finding:visible').innerText();
    await page.locator('#results').getByRole('radio', { name: 'AUROC' }).check();
    expect(await finding()).toContain(`${first('auroc', 'average')} ranks first by AUROC, averaged over the OOD sets`);
    expect(await page.locator('.answers:visible th').first().innerText()).toBe('AUROC ↑ on');
    await page.locator('header [data-choice="column"]').selectOption({ label: 'near' });
    expect(await finding()).toContain(`${first('auroc', 'near')} ranks first by AUROC, on near (higher is better)`);
    const top = page.locator('#results [data-metric="auroc"] tbody tr th').first();
    expect(await top.innerText()).toBe(first('auroc', 'near'));
    await page.locator('#charts [data-choice="metric"]').selectOption({ label: 'FPR95, ID positive' });
    expect(await finding()).toContain(`${first('fpr95', 'near')} ranks first by FPR95, ID positive, on near`);
    expect(await page.getByRole('radio', { name: 'FPR95' }).isChecked()).toBe(true);
  });

  it('shows that row of the first table in the headline whose name is clicked', async () => {
    const page = await open();
    const pick = (name: string) => page.locator('.answers:visible').getByRole('button', { name });
    const first = async (name: string) =>
      page
        .locator('.answers:visible tr', { has: page.getByRole('button', { name }) })
        .locator('strong')
        .innerText();
    for (const name of ['near', 'far', 'average']) {
      await pick(name).click();
      expect(await page.locator('.finding:visible strong').first().innerText()).toBe(await first(name));
      expect(await page.locator('.finding:visible .about li').first().innerText()).toContain(await first(name));
      expect(await page.locator('header [data-choice="column"] option:checked').innerText()).toBe(name);
      expect(await page.locator('.answers:visible [aria-pressed="true"]').allInnerTexts()).toEqual([name]);
    }
  });

  it('opens the names that a sentence leaves out', async () => {
    const page = await open();
    await page.locator('header [data-choice="column"]').selectOption({ label: 'ssb-hard' });
    const others = page.locator('.finding:visible details');
    const { detectors } = pageBest(run.results, 'fpr95', 'ssb-hard');
    expect(await others.locator('summary').innerText()).toBe(`and ${detectors.length - 5} more`);
    expect(await others.locator('.whole:visible').count()).toBe(0);
    // What follows them is on their line.
    const line = await page.locator('.finding:visible > div').first().boundingBox();
    expect(line!.height).toBeLessThan(2 * 1.1 * 16 * 1.5);
    await others.locator('summary').click();
    expect(await others.locator('.whole:visible').count()).toBe(detectors.length - 5);
  });

  it.each([1400, 390])(
    'at %i pixels says which tables scroll, and all that do are reached by the keyboard',
    async (width) => {
      const page = await open(width);
      const boxes = await page.locator('.scroll:visible').evaluateAll((all) =>
        all.map((box) => ({
          scrolls: box.scrollWidth > box.clientWidth + 1,
          isFocusable: box.tabIndex === 0 && box.role === 'region' && box.ariaLabel !== '',
          hint: box.previousElementSibling?.matches('.hint:not([hidden])')
            ? box.previousElementSibling.textContent
            : '',
        })),
      );
      expect(boxes.filter(({ isFocusable }) => !isFocusable)).toEqual([]);
      expect(boxes.map(({ hint }) => hint.includes('sideways'))).toEqual(boxes.map(({ scrolls }) => scrolls));
      expect(boxes.some(({ scrolls }) => scrolls)).toBe(true);
      await page.locator('#heat .scroll').focus();
      await page.keyboard.press('ArrowRight');
      if (width === 390) await page.waitForFunction(() => document.querySelector('#heat .scroll')!.scrollLeft > 0);
    },
  );

  it.each([1400, 390])(
    'at %i pixels breaks no name and no head of the leaderboard, and has all numbers of the heat map',
    async (width) => {
      const page = await open(width);
      const broken = await page
        .locator(
          '#results [data-metric="fpr95"] :is(thead button, tbody th .whole), .answers:visible strong, #heat th .whole',
        )
        .evaluateAll((all) =>
          all.filter((each) => each.getClientRects()[0]!.height > 1.9 * parseFloat(getComputedStyle(each).fontSize)),
        );
      expect(broken).toEqual([]);
      const numbers = await page
        .locator('#heat td')
        .evaluateAll(
          (all) =>
            all.filter((cell) => /^\d+\.\d$/.test(cell.textContent) && cell.scrollWidth <= cell.clientWidth).length,
        );
      expect(numbers).toBe(50 * 13);
    },
  );

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
    for (const id of [
      'results',
      'charts',
      'against',
      'groups',
      'cost',
      'choices',
      'scores',
      'parts',
      'mistakes',
      'plugins',
      'provenance',
    ]) {
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
    // The first screen leads to those of the detector that it names.
    const first = await page.locator('.finding:visible strong').first().innerText();
    await page.locator('.finding:visible a[href="#mistakes"]').click();
    expect(await section.locator('summary:visible').allInnerTexts()).toEqual([first]);
  });
});
