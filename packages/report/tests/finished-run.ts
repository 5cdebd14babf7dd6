import type { DatasetSummary, MetricResult, MetricTraits, RunResults } from '@farout/core';

export const dataset = (role: 'id' | 'fit' | 'ood', images: number): DatasetSummary => ({
  roles: [role],
  images,
  unreadable: [],
  fingerprint: '0'.repeat(64),
});

/** What runs say of these metrics. */
export const fpr95: MetricTraits = {
  name: 'fpr95',
  title: 'FPR95',
  convention: 'ID positive',
  note: 'OOD images accepted at the threshold that 95 % of the ID images reach, as in the ReAct paper',
  better: 'lower',
  at95: 'id',
};
export const fpr95OodPositive: MetricTraits = {
  name: 'fpr95-ood-positive',
  title: 'FPR95',
  convention: 'OOD positive',
  note: 'ID images rejected at the threshold that rejects 95 % of the OOD images, as in OpenOOD',
  better: 'lower',
  at95: 'ood',
};
export const auroc: MetricTraits = { name: 'auroc', title: 'AUROC', better: 'higher' };

/** The results of one metric, written as the table reads: `{ MSP: { sun: 0.5, average: 0.5 } }`. */
export const measured = (metric: string, table: Record<string, Record<string, number>>): MetricResult[] =>
  Object.entries(table).flatMap(([detector, row]) =>
    Object.entries(row).map(([ood, value]) => ({ detector, ood, metric, value })),
  );

/** A run of one metric in which one detector of two has published numbers, one of them missing. */
export const withPublished = (): RunResults => {
  const results = measured('fpr95', { MSP: { sun: 0.7, average: 0.65 }, ReAct: { sun: 0.25, average: 0.3 } });
  const published = { sun: 0.242 } as Record<string, number>;
  return finishedRun({
    metrics: [fpr95],
    results: results.map((cell) =>
      cell.detector === 'ReAct' && cell.ood in published ? { ...cell, published: published[cell.ood]! } : cell,
    ),
  });
};

/** Two detectors, two OOD sets, two metrics; energy is better everywhere but for one tie. */
export const finishedRun = (changes: Partial<RunResults> = {}): RunResults => ({
  schemaVersion: 3,
  name: 'two-sets',
  experiment: {},
  versions: { node: '20.20.0' },
  hashes: { experiment: '0'.repeat(64), backbone: '0'.repeat(64) },
  device: 'cpu',
  datasets: { photographs: dataset('id', 1200), textures: dataset('ood', 480), sun: dataset('ood', 480) },
  accuracy: 0.7613,
  fitted: {},
  thresholds: {},
  results: [
    ...measured('fpr95', {
      MSP: { textures: 0.55625, sun: 0.5, average: 0.528125 },
      Energy: { textures: 0.4, sun: 0.5, average: 0.45 },
    }),
    ...measured('auroc', {
      MSP: { textures: 0.8, sun: 0.9, average: 0.85 },
      Energy: { textures: 0.9, sun: 1, average: 0.95 },
    }),
  ],
  metrics: [fpr95, auroc],
  constant: [],
  failed: [],
  imagesRead: 2160,
  seconds: {},
  ...changes,
});
