import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { htmlReporter } from '../../src/html-reporter.ts';
import { nothingDrawn, shared } from '../drawn-run.ts';
import { percent } from '../../src/numbers.ts';
import { auroc, dataset, finishedRun, measured } from '../finished-run.ts';
import { testedRun } from '../tested-run.ts';

const page = (run: RunResults) => htmlReporter.render(run, nothingDrawn, shared);
const plain = (markup: string) =>
  markup
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** B is 2 points above A, C 20 below; the errors are of (A, B), (A, C), (B, C). */
const tested = (errors: readonly number[], detectors = ['A', 'B', 'C']) =>
  finishedRun({
    metrics: [auroc],
    groups: { near: ['sun'] },
    results: measured('auroc', {
      A: { sun: 0.88, near: 0.88, average: 0.88 },
      B: { sun: 0.9, near: 0.9, average: 0.9 },
      C: { sun: 0.68, near: 0.68, average: 0.68 },
    }),
    paired: ['sun', 'near', 'average'].map((ood) => ({
      metric: 'auroc',
      ood,
      method: 'delong' as const,
      detectors,
      standardErrors: errors,
    })),
  });

describe('the first screen', () => {
  /** What it says of a metric and a column; where none are named, what is shown without a script. */
  const headline = (text: string, metric?: string, column?: number) => {
    const all = text.split(/<div\s+class="finding"/).slice(1);
    const found = all.find((each) => {
      const [, of, at, hidden] = /^\s*data-metric="(.*?)"\s*data-column="(\d+)"\s*(hidden)?/.exec(each)!;
      return metric === undefined ? !hidden : of === metric && at === String(column);
    });
    return plain(found!.slice(found!.indexOf('>') + 1).split(/<ul\s+class="about"/)[0]!)
      .replace(/ (?=[.,:)])/g, '')
      .replace('( ', '(');
  };
  /** The lines below it. */
  const about = (text: string) => {
    const [shown] = /<div\s+class="finding"[^>]*?\d"\s*>[^]*?<\/ul>/.exec(text)!;
    return [...shown.split('<ul class="about">')[1]!.matchAll(/<li>([^]*?)<\/li>/g)].map(([, line]) =>
      plain(line!).replace(/ (?=[.,:])/g, ''),
    );
  };

  it('names the first detector, its lead, and the detectors these images cannot distinguish from it', async () => {
    expect(headline(await page(tested([0.05, 0.01, 0.01])))).toBe(
      'B ranks first by AUROC, on sun (higher is better): 90.00 %. A may be as good: these images cannot distinguish it from B. ' +
        'Against A: +2.00 points [−7.80, +11.80], not significant, p = 0.689.',
    );
    expect(headline(await page(tested([0.001, 0.01, 0.01])))).toContain(
      'These images distinguish B from the 2 other detectors.',
    );
  });

  it('is there for every metric and column, that of the first metric shown', async () => {
    const run = testedRun({ detectors: ['A', 'B', 'C'], sets: ['sun', 'sea'], groups: { near: ['sea'] }, images: 200 });
    const text = await page(run);
    for (const { name, better } of run.metrics) {
      for (const [column, ood] of ['sun', 'sea', 'near', 'average'].entries()) {
        const cells = run.results.filter((cell) => cell.metric === name && cell.ood === ood);
        const sign = better === 'lower' ? 1 : -1;
        const [first] = cells.toSorted((a, b) => sign * (a.value - b.value));
        const said = headline(text, name, column);
        expect(said).toMatch(new RegExp(`^${first!.detector} ranks first by ${name.toUpperCase().slice(0, 5)}`));
        expect(said).toContain(ood === 'average' ? 'averaged over the OOD sets' : `on ${ood}`);
        expect(said).toContain(`: ${percent(first!.value)} %`);
      }
    }
    expect(headline(text)).toBe(headline(text, 'fpr95', 3));
  });

  it('spells out four names, and has the others where the reader opens them', async () => {
    const names = 'ABCDEFGH'.split('');
    const run = finishedRun({
      metrics: [auroc],
      results: measured('auroc', Object.fromEntries(names.map((name, i) => [name, { sun: 0.9 - i / 1000 }]))),
      paired: [
        { metric: 'auroc', ood: 'sun', method: 'delong', detectors: names, standardErrors: new Array(28).fill(0.1) },
      ],
    });
    const text = await page(run);
    expect(headline(text)).toContain(
      'B, C, D, E and 3 more (F, G and H) may be as good: these images cannot distinguish them from A. Against A: it is the baseline.',
    );
    expect(text).toMatch(/<details class="more">\s*<summary>and 3 more<\/summary>/);
  });

  it('says what the first was tuned on, and what it learns from', async () => {
    const run = { ...tested([1, 1, 1]), datasets: { val: dataset('id', 500), train: dataset('fit', 2000) } };
    expect(about(await page(run))[0]).toBe(
      'B was not tuned: its parameters are defaults or set in the experiment. Tuning',
    );
    expect(about(await page({ ...run, fitted: { B: { react: { c: 1 } } } }))[0]).toMatch(
      /in the experiment\. It is fitted on train \(2,000 images\)\. Tuning$/,
    );
    const chosen = {
      B: { values: { 'react.percentile': 90 }, by: 'auroc', id: ['val'], ood: ['noise'], points: [1, 2, 3] },
    };
    expect(about(await page({ ...run, chosen } as unknown as RunResults))[0]).toBe(
      'B was tuned: react.percentile 90 chosen by AUROC on val against noise, out of 3 points. Tuning',
    );
  });

  it('says what the first costs, or how that is measured; and so does a section that the contents lead to', async () => {
    const run = tested([1, 1, 1]);
    const absent = await page(run);
    expect(about(absent)[1]).toBe('The cost of B was not measured. farout run --costs measures it. Cost');
    expect(plain(absent.split(/<section id="cost"\s*>/)[1]!.split('</section>')[0]!)).toBe(
      'Cost This run did not measure costs. farout run --costs measures them.',
    );
    const measuredCosts = await page({ ...run, costs: { backbone: 5200, detectors: { B: 12 } } });
    expect(about(measuredCosts)[1]).toBe(
      'B takes 12 µs per image in addition to the network’s 5.2 ms (one CPU thread). Cost',
    );
    // Such a time may hold passes of its own.
    expect(about(await page({ ...run, costs: { backbone: 5200, detectors: { B: 9000 } } }))[1]).toContain(
      'B takes 9 ms per image on one CPU thread, including any passes of its own through the network',
    );
    for (const text of [absent, measuredCosts]) expect(text).toMatch(/<a href="#cost"\s*>Cost<\/a>/);
  });

  it('says for groups and the average how far the first is from the first row, without a script too', async () => {
    const text = await page(tested([0.01, 0.01, 0.01]));
    const rows = [
      ...text
        .split('class="scroll answers"')[1]!
        .split('</table>')[0]!
        .matchAll(/<tr>([^]*?)<\/tr>/g),
    ];
    // 0.02 / 0.01: p = 0.0455, by Holm the last of two tests.
    expect(rows.slice(1).map(([, row]) => plain(row!))).toEqual([
      'near sun B 90.00 none +2.00 points [+0.04, +3.96], better, p = 0.046',
    ]);
  });

  it('has no such table where a run does not say what is chance', async () => {
    const { paired: _, ...older } = tested([1, 1, 1]);
    expect(await page(older)).not.toContain('class="scroll answers"');
  });
});

describe('the table of a metric', () => {
  it('has the average first, then groups, then sets', async () => {
    const heads = /<table class="metric">[^]*?<\/thead>/.exec(await page(tested([1, 1, 1])))![0];
    expect([...heads.matchAll(/<button type="button">(.*?)<\/button>/g)].map(([, name]) => name)).toEqual([
      'AUROC ↑',
      'near',
      'sun',
    ]);
  });

  it('says what a detector takes an image, where that was measured', async () => {
    const costs = { detectors: { A: 12.34, B: 5678 } };
    const table = /<table class="metric">[^]*?<\/table>/.exec(await page({ ...tested([1, 1, 1]), costs }))![0];
    const heads = [...table.matchAll(/<button type="button">(.*?)<\/button>/g)].map(([, name]) => name);
    expect(heads).toEqual(['AUROC ↑', 'near', 'time per image', 'sun']);
    const cells = [...table.matchAll(/<td data-value="([^"]*)"[^>]*>([^<]* [µm]s|—)<\/td>/g)];
    expect(cells.map(([, value, text]) => [value, text])).toEqual([
      ['12.34', '12 µs'],
      ['5678', '5.7 ms'],
      ['—', '—'],
    ]);
  });

  it('has a filter where detectors look at different things, with those that do not say', async () => {
    const families = { A: 'logits', B: 'maps' } as const;
    const boxes = (text: string) => [...text.matchAll(/name="family"\s+value="(\w*)"/g)].map(([, value]) => value);
    expect(boxes(await page({ ...tested([1, 1, 1]), families }))).toEqual(['logits', 'maps', '']);
    expect(boxes(await page({ ...tested([1, 1, 1]), families: { A: 'logits', B: 'logits', C: 'logits' } }))).toEqual(
      [],
    );
  });
});

it('opens notes and lists that name some of many to all of them', async () => {
  const detectors = Array.from({ length: 12 }, (_, i) => `detector ${i}`);
  const sets = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const row = Object.fromEntries([...sets, 'average'].map((set) => [set, 0.5]));
  const text = await page(
    finishedRun({
      metrics: [auroc],
      results: measured('auroc', { A: row, B: row }),
      failed: detectors.map((detector) => ({ detector, code: 'OOD_SHAPE', message: 'does not fit' })),
    }),
  );
  const [, short, whole] = /<details class="note">\s*<summary>(.*?)<\/summary>\s*(.*?)\s*<\/details>/.exec(text)!;
  expect(short).toMatch(/AUROC on d; 4 more columns\.$/);
  expect(whole).toMatch(/AUROC on f; AUROC on g; AUROC on average\.$/);
  const failures = plain(text.split('12 detectors failed</h2>')[1]!.split('</section>')[0]!);
  expect(failures).toContain('detector 9: does not fit [OOD_SHAPE] and 2 more detector 10: does not fit');
});

it('shows the classes that a detector rejects more often than chance, by their names', async () => {
  const interval = { low: 0.1, high: 0.4, method: 'clopper-pearson' } as const;
  const named = [{ class: 1, rejected: 11, images: 50, interval, p: 1e-4, byChance: 0.0012 }];
  const classesRejected = { A: { share: 0.05, tested: 12, named }, B: { share: 0.05, tested: 12, named: [] } };
  const text = await page({ ...tested([1, 1, 1]), classes: ['cat', 'dog'], classesRejected });
  const section = plain(text.split('Rejected classes</h2>')[1]!.split('</section>')[0]!);
  expect(section).toContain('dog 11 of 50 22.00 [10.00, 40.00] 0.0012');
  expect(section).toContain(
    'B 5.00 % of all labelled ID images are rejected; 12 classes were tested. No class is listed.',
  );
});
