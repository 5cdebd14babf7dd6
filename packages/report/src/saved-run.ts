import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  families,
  FaroutError,
  reportBlockSchema,
  type ReportData,
  resultsSchemaVersion,
  runFiles,
  type RunResults,
  z,
} from '@farout/core';

/**
 * Reads `results.json` of a run folder.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE if the folder has no run, or the run is damaged or of an unsupported version.
 */
export const readResults = (folder: string): Promise<RunResults> => read(folder, runFiles.results, resultsSchema);

/**
 * Reads `report-data.json` of a run folder, the data behind its report.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE, as `readResults`.
 */
export const readReportData = (folder: string): Promise<ReportData> =>
  read(folder, runFiles.reportData, reportDataSchema);

async function read<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const full = path.join(folder, file);
  const { data, error } = schema.safeParse(parse(full, await textOf(full, folder)));
  if (data !== undefined) return data;
  const [first] = error!.issues;
  throw unreadable(
    `${full} does not have the format of this version of farout: ${first!.path.join('.') || 'the whole'}: ${first!.message}`,
  );
}

async function textOf(full: string, folder: string): Promise<string> {
  try {
    return await readFile(full, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `it has no ${path.basename(full)}` : message;
    throw unreadable(`${folder} is not a run folder: ${why}`, cause);
  }
}

function parse(full: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(`${full} is damaged: ${(cause as Error).message}`, cause);
  }
}

const unreadable = (message: string, cause?: unknown) =>
  new FaroutError('OOD_RUN_UNREADABLE', message, {
    fix: 'Name the folder of a finished run, such as runs/demo. If the run is damaged or from an older farout, run the experiment again.',
    cause,
  });

/** A number of a saved run; numbers JSON cannot represent are written as strings. */
export const spelledNumber: z.ZodType<number> = z.union([
  z.number(),
  z.enum(['Infinity', '-Infinity', 'NaN']).transform(Number),
]);

const numbersByName = z.record(z.string(), spelledNumber);
const fittedValue = z.union([
  spelledNumber,
  z.object({ shape: z.array(z.number()), file: z.string() }),
  z.object({ shape: z.array(z.number()), sha256: z.string(), from: z.string() }),
]);

const dataset = z.object({
  roles: z.array(z.enum(['id', 'fit', 'ood', 'select'])),
  images: z.number(),
  unreadable: z.array(z.object({ image: z.string(), reason: z.string(), cause: z.literal('machine').exactOptional() })),
  fingerprint: z.string(),
});

const interval = z.object({
  low: z.number(),
  high: z.number(),
  method: z.enum(['delong', 'newcombe', 'wilson', 'bootstrap', 'clopper-pearson']),
});

const classesRejected = z.object({
  share: z.number(),
  tested: z.number(),
  named: z.array(
    z.object({
      class: z.number(),
      rejected: z.number(),
      images: z.number(),
      interval,
      p: z.number(),
      byChance: z.number(),
    }),
  ),
});

const pairedErrors = z.object({
  metric: z.string(),
  ood: z.string(),
  method: z.enum(['delong', 'bootstrap']),
  detectors: z.array(z.string()),
  standardErrors: z.array(z.number()),
});

const metricResult = z.object({
  detector: z.string(),
  ood: z.string(),
  metric: z.string(),
  value: spelledNumber,
  interval: interval.exactOptional(),
  seeds: z.object({ count: z.number(), deviation: z.number() }).exactOptional(),
  published: z.number().exactOptional(),
});

const metric = z.object({
  name: z.string(),
  title: z.string().exactOptional(),
  convention: z.string().exactOptional(),
  note: z.string().exactOptional(),
  better: z.enum(['higher', 'lower']),
  at95: z.enum(['id', 'ood']).exactOptional(),
});

const overlappingSet = z.object({ dataset: z.string(), role: z.enum(['id', 'fit', 'ood']) });
const overlap = z.object({
  sets: z.tuple([overlappingSet, overlappingSet]),
  images: z.number(),
  example: z.string(),
});

const valuesByName = z.record(z.string(), z.unknown());
const chosen = z.object({
  row: z.string(),
  values: valuesByName,
  by: z.string(),
  id: z.array(z.string()),
  ood: z.array(z.string()),
  points: z.array(z.object({ values: valuesByName, value: spelledNumber.nullable() })),
  tied: z.number().exactOptional(),
  testSets: z.array(z.string()).exactOptional(),
  unshown: z.number().exactOptional(),
});

/** Schema of `results.json`; keys added by later versions are dropped. */
const resultsSchema: z.ZodType<RunResults> = z.object({
  schemaVersion: z.literal([1, 2, resultsSchemaVersion]),
  name: z.string(),
  experiment: z.unknown(),
  variables: z.record(z.string(), z.string()).exactOptional(),
  versions: z.record(z.string(), z.string()),
  hashes: z.object({
    experiment: z.string(),
    backbone: z.string(),
    head: z.string().exactOptional(),
    weights: z.record(z.string(), z.string()).exactOptional(),
  }),
  device: z.string(),
  datasets: z.record(z.string(), dataset),
  families: z.record(z.string(), z.enum(families)).exactOptional(),
  groups: z.record(z.string(), z.array(z.string())).exactOptional(),
  overlaps: z.array(overlap).exactOptional(),
  duplicates: z.array(z.object({ dataset: z.string(), images: z.number(), example: z.string() })).exactOptional(),
  accuracy: z.number().nullable(),
  accuracyInterval: interval.exactOptional(),
  classes: z.array(z.string()).exactOptional(),
  labelled: z.number().exactOptional(),
  remarks: z.array(z.string()).exactOptional(),
  fitted: z.record(z.string(), z.record(z.string(), z.record(z.string(), fittedValue))),
  thresholds: numbersByName,
  classesRejected: z.record(z.string(), classesRejected).exactOptional(),
  results: z.array(metricResult),
  paired: z.array(pairedErrors).exactOptional(),
  chosen: z.record(z.string(), chosen).exactOptional(),
  draws: z.object({ seed: z.number(), count: z.record(z.string(), z.number()) }).exactOptional(),
  constant: z.array(z.string()),
  tied: numbersByName.exactOptional(),
  metrics: z.array(metric),
  failed: z.array(z.object({ detector: z.string(), code: z.string(), message: z.string() })),
  imagesRead: z.number(),
  costs: z.object({ backbone: z.number().exactOptional(), detectors: numbersByName }).exactOptional(),
  seconds: numbersByName,
  files: z.record(z.string(), z.string()).exactOptional(),
  sha256: z.string().exactOptional(),
});

const numbers = z.array(z.number());
const blocks = z.array(reportBlockSchema);
const pair = { detector: z.string(), ood: z.string() };
const mistake = z.object({
  dataset: z.string(),
  image: z.string(),
  score: spelledNumber,
  predicted: z.string().exactOptional(),
  thumbnail: z.base64().exactOptional(),
  noThumbnail: z.string().exactOptional(),
});

/** Schema of `report-data.json`. */
const reportDataSchema: z.ZodType<ReportData> = z.object({
  schemaVersion: z.literal(1),
  distributions: z.array(z.object({ ...pair, edges: numbers, idShares: numbers, oodShares: numbers })),
  curves: z.array(z.object({ ...pair, falsePositiveRate: numbers, truePositiveRate: numbers })),
  parts: z.array(z.object({ title: z.string(), shown: z.array(z.object({ detectors: z.array(z.string()), blocks })) })),
  mistakes: z.array(z.object({ detector: z.string(), highestOod: z.array(mistake), lowestId: z.array(mistake) })),
  sections: z.array(z.object({ title: z.string(), blocks })),
  unfinished: z.array(z.string()).exactOptional(),
});
