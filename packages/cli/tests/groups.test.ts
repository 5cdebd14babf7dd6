import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from './run-cli.ts';
import { demo, setting } from './small-demo.ts';

const ood = ['noise', 'textures', 'unseen-shapes'];
const groups: Record<string, readonly string[]> = {
  'sur-faces': ['noise', 'textures'],
  odd: ['unseen-shapes', 'noise'],
};
const published = { Energy: { odd: { auroc: 0.1234 }, 'sur-faces': { auroc: 0.4321 }, average: { auroc: 0.2468 } } };
const overrides = [
  'store=store',
  `ood=${JSON.stringify(ood)}`,
  `groups=${JSON.stringify(groups)}`,
  `published=${JSON.stringify(published)}`,
  'metrics=[auroc, fpr95]',
  'detectors={MSP: msp, Energy: energy}',
  ...['objects', ...ood].map((set) => `datasets.${set}.demo-images.count=110`),
];

let folder: string;
let results: RunResults;
let shown: string;
const read = (file: string) => readFileSync(path.join(folder, 'out', file), 'utf8');
/** No name here needs quotes. */
const readCsv = (file: string) =>
  read(file)
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-groups-'));
  const ended = await runCli(['run', demo, ...setting(overrides), '--out', 'out'], { cwd: folder });
  expect(ended).toMatchObject({ code: 0 });
  shown = ended.stdout;
  results = JSON.parse(read('results.json')) as RunResults;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both metrics of a detector on a set, image by image, from scores.csv. */
function measured(detector: string, set: string): Record<string, number> {
  const [head, ...rows] = readCsv('scores.csv');
  const column = head!.indexOf(detector);
  const of = (name: string) => rows.filter(([dataset]) => dataset === name).map((row) => Number(row[column]));
  const [inside, outside] = [of('objects'), of(set)];
  const accepted = outside.filter((score) => score > results.thresholds[detector]!).length;
  let pairs = 0;
  for (const one of inside) for (const other of outside) pairs += one > other ? 1 : one === other ? 0.5 : 0;
  return { auroc: pairs / inside.length / outside.length, fpr95: accepted / outside.length };
}

const cells = (text: string) => text.match(/\d+\.\d\d/g);
const percent = (fraction: number) => (100 * fraction).toFixed(2);
const rowOf = (detector: string, metric: string) =>
  results.results.filter((cell) => cell.detector === detector && cell.metric === metric);

describe('check', () => {
  it('says which sets a group is over, and what single parts learn from', async () => {
    const more = [...overrides, 'detectors={Energy: energy, ReAct: [{ react: { fit: objects } }, energy]}'];
    const { code, stdout } = await runCli(['check', demo, ...setting(more)], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('groups     sur-faces (noise, textures), odd (unseen-shapes, noise)\n');
    expect(stdout).toMatch(/fit +validation \(\d+ images\), objects \(110 images\) for some parts\n/);
  });
});

describe('groups of OOD sets', () => {
  it('are in results.json with the mean over their sets, between the sets and the average over all', () => {
    expect(results).toMatchObject({ schemaVersion: 3, groups, experiment: { groups } });
    for (const detector of ['MSP', 'Energy']) {
      for (const metric of ['auroc', 'fpr95']) {
        const row = rowOf(detector, metric);
        expect(row.map((cell) => cell.ood)).toEqual([...ood, 'sur-faces', 'odd', 'average']);
        for (const [group, sets] of Object.entries({ ...groups, average: ood })) {
          let sum = 0;
          for (const set of sets) sum += measured(detector, set)[metric]!;
          expect(row.find((cell) => cell.ood === group)!.value).toBeCloseTo(sum / sets.length, 12);
        }
      }
    }
  });

  it('have published numbers of their own', () => {
    const given = rowOf('Energy', 'auroc').map((cell) => cell.published);
    expect(given).toEqual([undefined, undefined, undefined, 0.4321, 0.1234, 0.2468]);
  });

  it('are columns of every table, with what was published in brackets', () => {
    const row = rowOf('Energy', 'auroc');
    const numbers = row.map(({ value }) => percent(value));
    const inBrackets = ['43.21', '12.34', '24.68'];
    const withBrackets = row.map(({ value, interval, published }) =>
      [value, interval!.low, interval!.high, ...(published === undefined ? [] : [published])].map(percent),
    );
    const beside = withBrackets.flat();
    const meansFirst = [5, 3, 4, 0, 1, 2].flatMap((at) => withBrackets[at]!);
    const rowIn = (text: string, pattern: RegExp) => pattern.exec(text)![0];
    expect(rowIn(shown, /AUROC ↑.*/)).toMatch(/noise +textures +unseen-shapes +sur-faces +odd +average/);
    expect(cells(rowIn(shown, /^ Energy.*/m))).toEqual(numbers);
    expect(cells(rowIn(shown, /^ +\(43.*/m))).toEqual(inBrackets);
    expect(rowIn(read('table.md'), /^\| AUROC.*/m)).toMatch(/unseen-shapes \| +sur-faces \| +odd \| +average/);
    expect(cells(rowIn(read('table.md'), /^\| Energy.*/m))).toEqual(beside);
    expect(rowIn(read('table.tex'), /^AUROC.*/m)).toContain('unseen-shapes & sur-faces & odd & average');
    expect(cells(rowIn(read('table.tex'), /^Energy.*/m))).toEqual(beside);
    expect(
      cells(
        rowIn(read('report.html'), /<th scope="row"><span class="whole">Energy<[^]*?<\/tr>/).replace(
          /data-value="[^"]*"/g,
          '',
        ),
      ),
    ).toEqual(meansFirst);
    const csv = readCsv('table.csv').filter(([detector, , metric]) => detector === 'Energy' && metric === 'auroc');
    expect(csv.map(([, name, , value, given]) => [name, Number(value), given])).toEqual(
      rowOf('Energy', 'auroc').map((cell) => [cell.ood, cell.value, String(cell.published ?? '')]),
    );
  });

  it.each(['terminal', 'table.md', 'table.tex', 'report.html'])('are explained in %s', (form) => {
    const text = form === 'terminal' ? shown : read(form);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'sur-faces is the mean over noise and textures; odd is the mean over unseen-shapes and noise.',
    );
  });

  it('stay when the report is made again', async () => {
    const before = ['report.html', 'table.md', 'table.csv', 'table.tex'].map(read);
    expect(await runCli(['report', 'out'], { cwd: folder })).toMatchObject({ code: 0 });
    expect(['report.html', 'table.md', 'table.csv', 'table.tex'].map(read)).toEqual(before);
  });

  it('are compared where both runs have them over the same sets', async () => {
    const others = { 'sur-faces': groups['sur-faces'], odd: ['textures', 'noise'] };
    const set = setting([...overrides, `groups=${JSON.stringify(others)}`]);
    await runCli(['run', demo, ...set, '--out', 'other', '--no-report'], { cwd: folder });
    const { stdout } = await runCli(['compare', 'out', 'other'], { cwd: folder });
    expect(stdout).toMatch(/unseen-shapes +sur-faces +average/);
    expect(stdout).toContain('The group "odd" does not cover the same sets in all runs and is left out.');
  });
});
