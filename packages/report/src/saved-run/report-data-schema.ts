import { reportBlockSchema, z, type ReportData } from '@farout/core';
import { spelledNumber } from './spelled-number.ts';

const numbers = z.array(z.number());
const measured = z.array(spelledNumber);
const pair = { detector: z.string(), ood: z.string() };
const units = z.array(z.object({ set: z.string(), mean: measured, deviation: measured }));

const rectification = z
  .object({
    detectors: z.array(z.string()),
    c: spelledNumber.exactOptional(),
    before: units,
    after: units,
    edges: numbers,
    pooled: z.array(z.object({ set: z.string(), shares: numbers })),
  })
  .refine(
    ({ before, after, pooled }) =>
      before.length > 0 && after.length === before.length && pooled.length === before.length,
    'must show the same sets before and after the hooks and pooled',
  );

const mistake = z.object({
  dataset: z.string(),
  image: z.string(),
  score: spelledNumber,
  thumbnail: z.base64().exactOptional(),
  noThumbnail: z.string().exactOptional(),
});

/** What `report-data.json` must hold to be drawn. */
export const reportDataSchema: z.ZodType<ReportData> = z.object({
  schemaVersion: z.literal(1),
  distributions: z.array(z.object({ ...pair, edges: numbers, idShares: numbers, oodShares: numbers })),
  curves: z.array(z.object({ ...pair, falsePositiveRate: numbers, truePositiveRate: numbers })),
  rectifications: z.array(rectification),
  sweeps: z.array(
    z.object({
      detector: z.string(),
      parameter: z.string(),
      settings: numbers,
      chosen: z.number().exactOptional(),
      imagesPerSet: z.number().exactOptional(),
      sets: z.array(z.object({ ood: z.string(), values: z.record(z.string(), measured) })),
    }),
  ),
  mistakes: z.array(z.object({ detector: z.string(), highestOod: z.array(mistake), lowestId: z.array(mistake) })),
  sections: z.array(z.object({ title: z.string(), blocks: z.array(reportBlockSchema) })),
  unfinished: z.array(z.string()).exactOptional(),
});
