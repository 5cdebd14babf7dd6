import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReportData } from '@farout/core';
import { readReportData, readResults, spelledNumber } from '../src/saved-run.ts';
import { metricTables } from '../src/tables.ts';
import { auroc, finishedRun, withPublished } from './finished-run.ts';

const drawn: ReportData = {
  schemaVersion: 1,
  distributions: [{ detector: 'MSP', ood: 'sun', edges: [0, 1, 2], idShares: [0.5, 0.5], oodShares: [1, 0] }],
  curves: [{ detector: 'MSP', ood: 'sun', falsePositiveRate: [0, 1], truePositiveRate: [0, 1] }],
  parts: [
    {
      title: 'P',
      shown: [
        {
          detectors: ['ReAct', 'ReAct + MSP'],
          blocks: [
            { note: 'x' },
            {
              charts: [
                {
                  x: 'a',
                  y: 'b',
                  histograms: [{ name: 'c', as: 'id', edges: [0, 1], shares: [1] }],
                  logarithmic: true,
                },
              ],
            },
            {
              x: 'a',
              y: 'b',
              bands: [{ name: 'c', x: [1], y: [2], low: [1], high: [3] }],
              range: [0, 4],
              mark: { name: 'd', at: 1 },
            },
          ],
        },
      ],
    },
  ],
  sections: [
    {
      title: 'T',
      blocks: [
        { text: 'x' },
        { heads: ['a'], rows: [['b', 1]] },
        { x: 'a', y: 'b', lines: [{ name: 'c', x: [1], y: [2] }] },
      ],
    },
  ],
  mistakes: [
    {
      detector: 'MSP',
      highestOod: [{ dataset: 'sun', image: '1.jpg', score: Infinity, thumbnail: 'AAAA' }],
      lowestId: [{ dataset: 'val', image: '2.jpg', score: -1 }],
    },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'farout-test-'));
});

const write = (file: string, content: unknown) =>
  writeFile(path.join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));

/** What the run writes for the one score of it that JSON has not. */
const asWritten = (data: unknown) => JSON.stringify(data).replace('"score":null', '"score":"Infinity"');

describe('a run folder', () => {
  it.each([
    ['with published numbers', withPublished()],
    ['with the hash of its last layer', finishedRun({ hashes: { experiment: 'a', backbone: 'b', head: 'c' } })],
    [
      'with arrays that were learnt',
      finishedRun({ fitted: { A: { m: { mean: { shape: [2, 3], file: 'x.npy' }, c: 1 } } } }),
    ],
    [
      'without labels, with failures',
      finishedRun({ accuracy: null, failed: [{ detector: 'A', code: 'B', message: 'C' }] }),
    ],
  ])('gives back its results, %s', async (_, results) => {
    await write('results.json', results);
    expect(await readResults(folder)).toEqual(results);
  });

  it('gives back numbers that JSON has not', async () => {
    await write('results.json', { ...finishedRun(), thresholds: { MSP: '-Infinity' } });
    expect((await readResults(folder)).thresholds).toEqual({ MSP: -Infinity });
  });

  it('gives back what its report is drawn from', async () => {
    await write('report-data.json', asWritten(drawn));
    expect(await readReportData(folder)).toEqual(drawn);
  });

  it('may say no more of a metric than its name and direction, as an older one does', async () => {
    const metrics = [{ name: 'auroc', better: 'higher' }] as const;
    await write('results.json', finishedRun({ metrics }));
    const results = await readResults(folder);
    expect(results).toEqual(finishedRun({ metrics }));
    expect(metricTables(results).map(({ title }) => title)).toEqual(['auroc ↑']);
  });

  it('may be of the version that knew no groups', async () => {
    const first = finishedRun({ schemaVersion: 1 });
    await write('results.json', first);
    expect(await readResults(folder)).toEqual(first);
  });

  it('says which sets its groups are of', async () => {
    const run = finishedRun({ groups: { near: ['sun'], far: ['textures', 'sun'] } });
    await write('results.json', run);
    expect(await readResults(folder)).toEqual(run);
  });

  it('says what its detectors look at, and how far their differences vary', async () => {
    const paired = [
      { metric: 'auroc', ood: 'sun', method: 'delong', detectors: ['MSP', 'Energy'], standardErrors: [0.01] },
    ] as const;
    const run = finishedRun({ families: { MSP: 'logits' }, paired });
    await write('results.json', run);
    expect(await readResults(folder)).toEqual(run);
  });

  it('may have keys that a later farout added', async () => {
    await write('results.json', { ...finishedRun(), later: 1 });
    expect(await readResults(folder)).toEqual(finishedRun());
  });

  it.each<[string, unknown, RegExp]>([
    ['is absent', undefined, /is not a run folder: it has no results\.json$/],
    ['is cut', JSON.stringify(finishedRun()).slice(0, 300), /results\.json is damaged/],
    [
      'is of a later version',
      { ...finishedRun(), schemaVersion: 4 },
      /does not have the format of this version of farout: schemaVersion/,
    ],
    ['holds a text for a number', { ...finishedRun(), thresholds: { MSP: '<b>' } }, /thresholds\.MSP/],
    [
      'holds a metric that is read at no set’s threshold',
      { ...finishedRun(), metrics: [{ ...auroc, at95: 'fit' }] },
      /metrics\.0\.at95/,
    ],
    ['is something else', '[]', /the whole/],
  ])('is refused when results.json %s', async (_, content, message) => {
    if (content !== undefined) await write('results.json', content);
    await expect(readResults(folder)).rejects.toMatchObject({
      code: 'OOD_RUN_UNREADABLE',
      message: expect.stringMatching(message) as unknown as string,
    });
  });

  it.each([
    ['markup', { html: '<b>' }],
    ['a chart with a colour of its own', { x: 'a', y: 'b', lines: [{ name: 'c', as: 'red', x: [], y: [] }] }],
  ])('is refused when a section holds %s', async (_, block) => {
    const parts = [{ title: 'P', shown: [{ detectors: ['A'], blocks: [block] }] }];
    await write('report-data.json', asWritten({ ...drawn, parts }));
    await expect(readReportData(folder)).rejects.toMatchObject({ code: 'OOD_RUN_UNREADABLE' });
  });

  it('is refused when a thumbnail is no base64', async () => {
    const [mistakes] = drawn.mistakes;
    const hostile = { ...mistakes, lowestId: [{ dataset: 'a', image: 'b', score: 1, thumbnail: '"><script>' }] };
    await write('report-data.json', { ...drawn, mistakes: [hostile] });
    await expect(readReportData(folder)).rejects.toMatchObject({ code: 'OOD_RUN_UNREADABLE' });
  });
});

describe('a number of a saved run', () => {
  it.each([
    [1.5, 1.5],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['NaN', NaN],
  ])('may be %p', (spelled, number) => {
    expect(spelledNumber.parse(spelled)).toBe(number);
  });

  it.each(['1', '', 'infinity', null])('may not be %p', (text) => {
    expect(spelledNumber.safeParse(text).success).toBe(false);
  });
});
