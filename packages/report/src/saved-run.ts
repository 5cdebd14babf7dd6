import { resultsSchemaVersion, z, type RunResults } from '@farout/core';
import { spelledNumber } from './saved-run/spelled-number.ts';

const numbers = z.record(z.string(), spelledNumber);
const fittedValue = z.union([spelledNumber, z.object({ shape: z.array(z.number()), file: z.string() })]);

const dataset = z.object({
  roles: z.array(z.enum(['id', 'fit', 'ood'])),
  images: z.number(),
  unreadable: z.array(z.object({ image: z.string(), reason: z.string(), cause: z.literal('machine').exactOptional() })),
  fingerprint: z.string(),
});

const metricResult = z.object({
  detector: z.string(),
  ood: z.string(),
  metric: z.string(),
  value: spelledNumber,
  published: z.number().exactOptional(),
});

const overlappingSet = z.object({ dataset: z.string(), role: z.enum(['id', 'fit', 'ood']) });
const overlap = z.object({
  sets: z.tuple([overlappingSet, overlappingSet]),
  images: z.number(),
  example: z.string(),
});

/** What `results.json` must hold to be shown; keys that a later farout adds are left out. */
export const resultsSchema: z.ZodType<RunResults> = z.object({
  schemaVersion: z.literal(resultsSchemaVersion),
  name: z.string(),
  experiment: z.unknown(),
  variables: z.record(z.string(), z.string()).exactOptional(),
  versions: z.record(z.string(), z.string()),
  hashes: z.object({ experiment: z.string(), backbone: z.string(), head: z.string().exactOptional() }),
  device: z.string(),
  datasets: z.record(z.string(), dataset),
  overlaps: z.array(overlap).exactOptional(),
  duplicates: z.array(z.object({ dataset: z.string(), images: z.number(), example: z.string() })).exactOptional(),
  accuracy: z.number().nullable(),
  labelled: z.number().exactOptional(),
  remarks: z.array(z.string()).exactOptional(),
  fitted: z.record(z.string(), z.record(z.string(), z.record(z.string(), fittedValue))),
  thresholds: numbers,
  results: z.array(metricResult),
  constant: z.array(z.string()),
  tied: numbers.exactOptional(),
  metrics: z.array(z.object({ name: z.string(), better: z.enum(['higher', 'lower']) })),
  failed: z.array(z.object({ detector: z.string(), code: z.string(), message: z.string() })),
  imagesRead: z.number(),
  seconds: numbers,
  files: z.record(z.string(), z.string()).exactOptional(),
  sha256: z.string().exactOptional(),
});
