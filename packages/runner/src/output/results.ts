import { createRequire } from 'node:module';
import { types } from 'node:util';
import { writeNpyParts } from '@farout/checkpoints';
import {
  csvLine,
  textCell,
  resultsSchemaVersion,
  type DatasetSummary,
  type Device,
  type FailedDetector,
  type FittedValue,
  type MetricDefinition,
  type MetricResult,
  type MetricTraits,
  type RunResults,
} from '@farout/core';
import { decoderVersions } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Choice } from '../choose/choose.ts';
import { fitSetsOf, type Experiment, type PublishedNumbers } from '../experiment.ts';
import type { CommonImages } from '../extraction/overlaps.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import type { FittedDetector, FittedPart } from '../fit/rows.ts';
import type { OpenedBackbone } from '../prepare/backbone.ts';
import { accuracyInterval, accuracyOf, remarkOnAccuracy } from '../evaluate/accuracy.ts';
import { joinScores, type Evaluation } from '../evaluate/evaluate.ts';
import type { Spread } from '../evaluate/intervals.ts';
import { classesRejected } from '../score/classes.ts';
import type { DatasetScores } from '../score/on-features.ts';
import { hashBytes, hashData } from '../store/entries.ts';
import { shortestFloat32 } from './shortest-float32.ts';
import type { RunFile } from './replace-files.ts';

/** The outcomes of a run's stages. */
interface RunFacts {
  readonly experiment: Experiment;
  readonly device: Device;
  readonly backbone: Pick<OpenedBackbone, 'hash' | 'headHash' | 'files' | 'classes'>;
  readonly sets: ReadonlyMap<string, ImageSet>;
  /** How its parameters were selected. */
  readonly choice: Omit<Choice, 'experiment' | 'failed'>;
  readonly common: CommonImages;
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly evaluation: Evaluation & Spread;
  readonly fitted: RunResults['fitted'];
  readonly failed: readonly FailedDetector[];
  /** Notes made before the first image was read. */
  readonly notes: readonly string[];
  readonly seconds: RunResults['seconds'];
  /** How many images each pass has decoded. */
  readonly passes: readonly number[];
  readonly costs: RunResults['costs'] | undefined;
  /** The names of the network's classes, if a dataset gives them. */
  readonly classes: RunResults['classes'] | undefined;
  /** Files with the contents of sets, by set name. */
  readonly seen: Readonly<Record<string, string>>;
}

/** The contents of results.json. */
export async function collectResults(facts: RunFacts): Promise<RunResults> {
  const { experiment, evaluation, choice } = facts;
  const id = joinScores(experiment.id, facts.scores);
  const accuracy = accuracyOf(id);
  const interval = accuracyInterval(id, experiment.seed);
  const rejected = classesRejected(id, evaluation.thresholds);
  const sets = new Map([...facts.sets, ...[...choice.sets].filter(([name]) => !facts.sets.has(name))]);
  const remark = remarkOnAccuracy(accuracy, facts.backbone.classes);
  return {
    schemaVersion: resultsSchemaVersion,
    name: experiment.name,
    experiment: experiment.resolved,
    variables: experiment.variables ?? {},
    versions: await versions(),
    hashes: {
      experiment: hashData(experiment.resolved),
      backbone: facts.backbone.hash,
      head: facts.backbone.headHash,
      weights: facts.backbone.files,
    },
    device: facts.device,
    datasets: Object.fromEntries([...sets].map(([name, set]) => [name, summary(facts, name, set)])),
    families: familiesOf(experiment.detectors),
    ...(Object.keys(experiment.groups).length > 0 && { groups: experiment.groups }),
    overlaps: facts.common.overlaps,
    duplicates: facts.common.duplicates,
    ...(facts.classes && { classes: facts.classes }),
    ...accuracy,
    ...(interval && { accuracyInterval: interval }),
    remarks: [...facts.notes, ...(remark === undefined ? [] : [remark]), ...choice.remarks],
    fitted: facts.fitted,
    thresholds: evaluation.thresholds,
    ...(rejected && { classesRejected: rejected }),
    metrics: experiment.metrics.map(traitsOf),
    results: evaluation.results.map((result) => withPublished(result, experiment.published)),
    ...(evaluation.paired.length > 0 && { paired: evaluation.paired }),
    draws: evaluation.draws,
    ...(Object.keys(choice.chosen).length > 0 && { chosen: choice.chosen }),
    constant: evaluation.constant,
    tied: evaluation.tied,
    failed: facts.failed,
    imagesRead: [...facts.sets.values(), ...choice.sets.values()].reduce((sum, { read }) => sum + read, 0),
    passes: added(choice.passes, facts.passes),
    ...(facts.costs && { costs: facts.costs }),
    seconds: facts.seconds,
  };
}

/** A detector belongs to the family of its first hook, or of its scorer if it has no hooks. */
const familiesOf = (detectors: Experiment['detectors']): NonNullable<RunResults['families']> =>
  Object.fromEntries(
    detectors.flatMap(({ name, hooks: [first], scorer }) => {
      const family = (first ?? scorer).definition.about?.family;
      return family === undefined ? [] : [[name, family]];
    }),
  );

/** Adds up the first passes, and the second ones. */
const added = (some: readonly number[], others: readonly number[]): readonly number[] =>
  Array.from({ length: Math.max(some.length, others.length) }, (_, at) => (some[at] ?? 0) + (others[at] ?? 0));

function withPublished(result: MetricResult, all: PublishedNumbers): MetricResult {
  const published = own(own(own(all, result.detector), result.ood), result.metric);
  return published === undefined ? result : { ...result, published };
}

/** What results.json says about a metric; its definition may contain more. */
function traitsOf({ name, title, convention, note, better, at95 }: MetricDefinition): MetricTraits {
  return {
    name,
    ...(title !== undefined && { title }),
    ...(convention !== undefined && { convention }),
    ...(note !== undefined && { note }),
    better,
    ...(at95 && { at95 }),
  };
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

function summary(
  { experiment, seen }: Pick<RunFacts, 'experiment' | 'seen'>,
  name: string,
  set: ImageSet,
): DatasetSummary {
  const { id, ood, select } = experiment;
  const roles = [
    ...(id.includes(name) ? (['id'] as const) : []),
    ...(fitSetsOf(experiment).includes(name) ? (['fit'] as const) : []),
    ...(ood.includes(name) ? (['ood'] as const) : []),
    ...(select && [...select.id, ...select.ood].includes(name) ? (['select'] as const) : []),
  ];
  const contents = own(seen, name);
  const { listed: images, unreadable, fingerprint } = set;
  return { roles, images, unreadable, fingerprint, ...(contents !== undefined && { contents }) };
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The versions that produced the numbers, for results.json. */
const versions = async (): Promise<RunResults['versions']> => ({
  farout: version,
  node: process.versions.node,
  onnxruntime: onnxruntimeVersion,
  ...(await decoderVersions()),
});

/**
 * What detectors have learnt: scalars go into results.json, arrays into files of the run folder, and the largest are only described.
 */
export function fittedArrays(detectors: readonly FittedDetector[]): { fitted: RunResults['fitted']; files: RunFile[] } {
  const files: RunFile[] = [];
  const fitted = detectors.map((detector, index) => {
    const values = [...detector.hooks, detector.scorer].map((part) => {
      const prefix = `${index}-${part.definition.name}`;
      const bank = part === detector.scorer ? bankValues(detector) : {};
      return [part.definition.name, { ...valuesOf(part, prefix, files), ...bank }] as const;
    });
    return [detector.name, Object.fromEntries(values.filter(([, learnt]) => Object.keys(learnt).length > 0))] as const;
  });
  return { fitted: Object.fromEntries(fitted.filter(([, parts]) => Object.keys(parts).length > 0)), files };
}

/** Arrays with more bytes than this stay only in the store. */
const mostBytes = 2 ** 26;

function valuesOf(
  { learnt, from = '' }: Pick<FittedPart<unknown>, 'learnt' | 'from'>,
  prefix: string,
  files: RunFile[],
): Record<string, FittedValue> {
  const entries = Object.entries(learnt).map(([name, array]): [string, FittedValue] => {
    const { data, shape } = array;
    // A number in JSON is read back as float64.
    if (shape.length === 0 && types.isFloat64Array(data)) return [name, data[0]!];
    if (data.byteLength > mostBytes) return [name, { shape, sha256: hashBytes(writeNpyParts(array)), from }];
    const file = `fitted/${unlike(files, safe(`${prefix}-${name}`))}.npy`;
    files.push({ file, content: writeNpyParts(array) });
    return [name, { shape, file }];
  });
  return Object.fromEntries(entries);
}

/** Rows that a scorer remembers are not copied, only described. */
function bankValues({ bank, scorer: { from = '' } }: FittedDetector): Record<string, FittedValue> {
  if (!bank) return {};
  const { set, plan, sha256 } = bank;
  return { [plan.reads.join(', ')]: { shape: [set.images.length], sha256, from } };
}

/** A plugin may give an array any name, and a file system may be case-insensitive. */
const safe = (name: string) =>
  Array.from(name.replace(/[^\p{L}\p{N}._-]/gu, '_'))
    .slice(0, 60)
    .join('');

function unlike(files: readonly RunFile[], name: string): string {
  const isTaken = (tried: string) =>
    files.some(({ file }) => file.toLowerCase() === `fitted/${tried}.npy`.toLowerCase());
  let free = name;
  for (let count = 2; isTaken(free); count++) free = `${name}-${count}`;
  return free;
}

/**
 * Every score, as CSV (RFC 4180): dataset, image, label, predicted, the predicted class's name if classes have names,
 * the group if images have groups, then one column per detector. An unknown label is empty, as is the predicted class
 * if it is undefined because of NaN. Scores are float32 in their shortest decimal form; infinities are Infinity and
 * -Infinity. The text is yielded in pieces.
 */
export function* scoresCsv(
  detectors: readonly string[],
  datasets: ReadonlyMap<string, DatasetScores>,
  classes?: readonly string[],
): Generator<string> {
  const isGrouped = [...datasets.values()].some(({ images }) => images.some(({ group }) => group !== undefined));
  const between = [...(classes ? ['class'] : []), ...(isGrouped ? ['group'] : [])];
  yield csvLine(['dataset', 'image', 'label', 'predicted', ...between, ...detectors]);
  for (const [dataset, { images, predicted, scores }] of datasets) {
    const columns = detectors.map((detector) => scores.get(detector));
    for (const [index, { id, label, group = '' }] of images.entries()) {
      const values = columns.map((column) => (column ? shortestFloat32(column[index]!) : ''));
      const known = [label?.toString() ?? '', predicted[index] === -1 ? '' : String(predicted[index])];
      const named = classes ? [textCell(classes[predicted[index]!] ?? '')] : [];
      yield csvLine([dataset, id], [...known, ...named, ...(isGrouped ? [textCell(group)] : []), ...values]);
    }
  }
}
