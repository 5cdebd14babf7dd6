import type { ReportData, RunResults } from '@farout/core';
import { auroc, dataset, finishedRun, fpr95, fpr95OodPositive, measured } from './finished-run.ts';

/** How most pages are made: to be passed on. */
export const shared = { full: false } as const;

export const nothingDrawn: ReportData = {
  schemaVersion: 1,
  distributions: [],
  curves: [],
  parts: [],
  mistakes: [],
  sections: [],
};

/** How much a run has to show. */
export interface Extent {
  readonly detectors: readonly string[];
  readonly sets: readonly string[];
  /** Units of the penultimate layer. */
  readonly width: number;
}

/** The smallest JPEG there is: one grey pixel. */
const pixel =
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=';

/** A run with everything that a report shows, of any extent; its numbers are of no detector, but differ. */
export function drawnRun({ detectors, sets, width }: Extent): { results: RunResults; data: ReportData } {
  const wave = (length: number, shift: number) =>
    Array.from({ length }, (_, i) => Number((0.5 + 0.45 * Math.sin(i * 0.7 + shift)).toPrecision(6)));
  const pairs = detectors.flatMap((detector, d) => sets.map((ood, s) => ({ detector, ood, shift: d + 2 * s })));
  const all = ['val', ...sets];
  const table = (offset: number) =>
    Object.fromEntries(
      detectors.map((detector, d) => [
        detector,
        Object.fromEntries([...sets, 'average'].map((ood, s) => [ood, wave(s + 1, d + offset).at(-1)!])),
      ]),
    );
  const band = (points: number, shift: number) => ({
    x: Array.from({ length: Math.min(points, 128) }, (_, i) => i),
    y: wave(Math.min(points, 128), shift),
    low: wave(Math.min(points, 128), shift).map((value) => value - 0.25),
    high: wave(Math.min(points, 128), shift).map((value) => value + 0.25),
  });
  const image = (name: string) => ({ dataset: sets[0]!, image: name, score: 3.25, thumbnail: pixel });
  return {
    results: finishedRun({
      datasets: Object.fromEntries(all.map((name, i) => [name, dataset(i === 0 ? 'id' : 'ood', 1000)])),
      metrics: [fpr95, fpr95OodPositive, auroc],
      results: ['fpr95', 'fpr95-ood-positive', 'auroc'].flatMap((metric, m) => measured(metric, table(m))),
      thresholds: Object.fromEntries(detectors.map((detector) => [detector, 20])),
    }),
    data: {
      schemaVersion: 1,
      distributions: pairs.map(({ detector, ood, shift }) => ({
        detector,
        ood,
        edges: Array.from({ length: 61 }, (_, i) => i),
        idShares: wave(60, shift),
        oodShares: wave(60, shift + 1),
      })),
      curves: pairs.map(({ detector, ood, shift }) => ({
        detector,
        ood,
        falsePositiveRate: Array.from({ length: 200 }, (_, i) => i / 199),
        truePositiveRate: Array.from({ length: 200 }, (_, i) => (i / 199) ** (1 / (2 + (shift % 5)))),
      })),
      parts: [
        {
          title: 'What a hook does',
          shown: [
            {
              detectors: [detectors[0]!],
              blocks: [
                {
                  charts: sets.flatMap((ood, s) => [
                    {
                      caption: `${ood}, units`,
                      x: 'unit',
                      y: 'activation',
                      bands: [
                        { name: 'ID: val', as: 'id', ...band(width, 0) },
                        { name: 'OOD', as: 'ood', ...band(width, s) },
                      ],
                      range: [-1, 2],
                    },
                    {
                      caption: `${ood}, pooled`,
                      x: 'activation',
                      y: 'share',
                      histograms: [
                        { name: 'ID: val', as: 'id', edges: wave(81, 0).sort(), shares: wave(80, s) },
                        { name: 'OOD', as: 'ood', edges: wave(81, 0).sort(), shares: wave(80, s + 1) },
                      ],
                      mark: { name: 'c', at: 0.5 },
                      logarithmic: true,
                    },
                  ]),
                },
                { note: 'Of no hook.' },
              ],
            },
          ],
        },
        {
          title: 'The choice of a number',
          shown: detectors.map((detector, d) => ({
            detectors: [detector],
            blocks: [
              {
                caption: 'FPR95 ↓',
                x: 'number',
                y: 'FPR95, %',
                lines: sets.map((name, s) => ({ name, x: [50, 75, 90], y: wave(3, s + d) })),
                mark: { name: 'this run', at: 75 },
              },
            ],
          })),
        },
      ],
      mistakes: detectors.map((detector) => ({
        detector,
        highestOod: Array.from({ length: 8 }, (_, i) => ({ ...image(`${i}.jpg`), predicted: 'a <long> class' })),
        lowestId: [
          { dataset: 'val', image: 'gone.jpg', score: -Infinity },
          { dataset: 'val', image: 'other.jpg', score: -2, noThumbnail: 'changed since it was <scored>' },
        ],
      })),
      sections: [
        {
          title: 'A section of a plugin',
          blocks: [
            { text: 'A paragraph.' },
            { heads: ['set', 'value'], rows: [['sun', 0.5]] },
            { x: 'rank', y: 'score', lines: [{ name: 'first', x: [0, 1, 2], y: [3, 1, 2] }] },
          ],
        },
      ],
    },
  };
}
