import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { complaints, describeFifty, file, open, run } from './fifty-in-browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The folder for pictures of the page, for people who want to look at them. */
const screenshots = process.env.FAROUT_SCREENSHOTS;

/** A narrow page begins with its sections folded up. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.querySelectorAll<HTMLDetailsElement>('.part').forEach((part) => (part.open = true)),
  );
  await page.locator('#ranking svg').waitFor();
}

describeFifty('the report of fifty detectors on ten sets', () => {
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
    await unfold(page);
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

  it.each([1400, 390])(
    'at %i pixels says which tables scroll, and all that do are reached by the keyboard',
    async (width) => {
      const page = await open(width);
      await unfold(page);
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
      await unfold(page);
      const broken = await page
        .locator(
          '#results [data-metric="fpr95"] :is(thead th:not(:first-child) button, tbody th .whole), .answers:visible strong, #heat th .whole',
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
      'part-1',
      'part-2',
      'mistakes',
      'plugin-1',
      'provenance',
    ]) {
      await page.locator(`nav a[href="#${id}"]`).click();
      expect(
        await page.locator(`#${id}`).evaluate((section) => section.getBoundingClientRect().top < innerHeight),
      ).toBe(true);
    }
  });

  it('has on a narrow window its sections folded up, which links open', async () => {
    const page = await open(390);
    expect(await page.locator('.part[open]').count()).toBe(0);
    expect((await page.locator('main').boundingBox())!.height).toBeLessThan(5000);
    await page.locator('nav a[href="#against"]').click();
    await page.locator('#differences svg').waitFor();
    expect(await page.locator('.part[open]').count()).toBe(1);
  });

  it.each([1400, 390])('at %i pixels ends the box of the leaderboard with a whole row', async (width) => {
    const page = await open(width);
    const [within, below] = await page.locator('#results .scroll:visible').evaluate((box) => {
      const bottom = box.getBoundingClientRect().top + box.clientHeight;
      const ends = [...box.querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().bottom);
      return [Math.min(...ends.map((end) => Math.abs(end - bottom))), ends.filter((end) => end > bottom + 1).length];
    });
    expect(within).toBeLessThanOrEqual(1);
    expect(below).toBeGreaterThan(30);
  });

  it('has the numbers of an axis above and below a chart of many rows', async () => {
    const page = await open();
    const texts = await page.locator('#ranking svg text').allTextContents();
    const ticks = texts.filter((text) => /^[\d.]+$/.test(text));
    expect(ticks.length).toBeGreaterThan(4);
    for (const tick of ticks) expect(ticks.filter((each) => each === tick).length).toBe(2);
  });
});
