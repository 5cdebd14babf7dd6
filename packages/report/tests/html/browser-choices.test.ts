import { expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import type { Page } from 'playwright-core';
import { differencesFrom } from '../../src/differences.ts';
import { metricTables } from '../../src/tables.ts';
import { describeFifty, open, run } from './fifty-in-browser.ts';

const pageBest = (results: RunResults, metric: string, ood: string) => {
  const { columns, best } = metricTables(results)[results.metrics.findIndex(({ name }) => name === metric)]!;
  return best[columns.indexOf(ood)]!;
};
const shownRows = (page: Page) => page.locator('#results [data-metric="fpr95"] tbody tr:visible th').allInnerTexts();

describeFifty('what the reader of the report chooses', () => {
  it('begins with the best, and filters by name and by what detectors look at', async () => {
    const page = await open();
    const average = run.results.results.filter(({ metric, ood }) => metric === 'fpr95' && ood === 'average');
    const best = average.toSorted((a, b) => a.value - b.value).map(({ detector }) => detector);
    expect((await shownRows(page))[0]).toBe(best[0]);
    await page.locator('#find').fill('mahala');
    expect(await shownRows(page)).toEqual(['Mahalanobis ensemble']);
    expect(await page.locator('#ranking circle').count()).toBe(1);
    await page.locator('#find').fill('nothing of this name');
    expect(await page.locator('#ranking').innerText()).toBe('No detector matches these filters.');
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
    await page.getByText('Show as a table').click();
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

  it('shows in all sections the detector that is chosen in one, and that of the headline', async () => {
    const page = await open();
    const shown = async () => [
      await page.locator('#mistakes .folds summary:visible').innerText(),
      await page.locator('#part-2 .folds summary:visible').innerText(),
      await page.locator('#histogram-choice option:checked').innerText(),
    ];
    for (const select of ['#part-2 .folds select', '#histogram-choice', '#mistakes .folds select']) {
      const name = `Detector ${select.length}`;
      await page.locator(select).selectOption({ label: name });
      expect(await shown()).toEqual([name, name, name]);
    }
    await page.locator('header [data-choice="column"]').selectOption({ label: 'near' });
    const first = await page.locator('.finding:visible strong').first().innerText();
    expect(await shown()).toEqual([first, first, first]);
  });

  it('shows the images that the chosen detector got wrong', async () => {
    const page = await open();
    const section = page.locator('#mistakes');
    await section.locator('select').selectOption({ label: 'Mahalanobis ensemble' });
    expect(await section.locator('.picture:visible').count()).toBe(8 + 2);
    expect(await section.locator('.folds summary:visible').allInnerTexts()).toEqual(['Mahalanobis ensemble']);
    expect(await section.locator('.folds p:visible').last().innerText()).toMatch(/if its score is greater than 20\.00/);
    expect(await section.locator('.gallery:visible li').first().innerText()).toMatch(/^3\.250\nrejected\n/);
    // The first screen leads to those of the detector that it names.
    const first = await page.locator('.finding:visible strong').first().innerText();
    await page.locator('.finding:visible a[href="#mistakes"]').click();
    expect(await section.locator('.folds summary:visible').allInnerTexts()).toEqual([first]);
  });
});
