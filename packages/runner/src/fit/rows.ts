import {
  FaroutError,
  traceHooks,
  type Head,
  type DatasetImage,
  type HookDefinition,
  type ImageAccess,
  type NetworkView,
  type RowBatch,
  type Rows,
  type RowStream,
  type ScorerDefinition,
  type TraceablePart,
} from '@farout/core';
import { writeOnnx, writeOnnxParts } from '@farout/onnx';
import { openSession, type Session } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import {
  asRows,
  checkFeatures,
  featuresInput,
  feedFeatures,
  feedReading,
  firstNaN,
  hashGraph,
  readingInput,
  type Reading,
} from '../extraction/graphs.ts';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';
import { hashData } from '../store/entries.ts';

/** The network's last stages, given by `head` and its input width, and access to them from images. */
export interface LastStages {
  readonly head: Head;
  readonly featureWidth: number;
  readonly images?: ImageAccess;
}

/** A part that has finished learning, with its stored readings by name. */
export interface FittedPart<D> extends TraceablePart<D> {
  readonly stored: ReadonlyMap<string, Reading>;
  /** The set it learnt from; absent if it learnt nothing. */
  readonly from?: string;
}

/** Whether a scorer reads this when it scores, not only when it learns. */
export function isScored(
  name: string,
  { definition, params }: Pick<TraceablePart<ScorerDefinition>, 'definition' | 'params'>,
): boolean {
  if ('rows' in definition) return definition.rows(params).reads.includes(name);
  return definition.reads?.includes(name) ?? true;
}

/** The stored readings that a detector reads of the sets that are compared. */
export const scoredReadings = ({ hooks, scorer }: Pick<FittedDetector, 'hooks' | 'scorer'>): Reading[] => [
  ...hooks.flatMap(({ stored }) => [...stored.values()]),
  ...[...scorer.stored].flatMap(([name, reading]) => (isScored(name, scorer) ? [reading] : [])),
];

/** Stored readings as a part sees them while it is traced. */
export const storedInputs = (stored: ReadonlyMap<string, Reading>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries([...stored].map(([name, reading]) => [name, readingInput(reading)]));

/** The network behind hooks over stored rows, and whether the images themselves were accessed. */
export interface StoredView {
  readonly view: NetworkView;
  readonly usesImages: () => boolean;
}

/** The network behind hooks, computed from stored features and readings. */
export function viewStored(
  { head, featureWidth, images }: LastStages,
  hooks: readonly FittedPart<HookDefinition>[],
): StoredView {
  let used = false;
  const watched = images && {
    get image() {
      used = true;
      return images.image;
    },
    get given() {
      if (images.given) used = true;
      return images.given;
    },
    std: images.std,
    backbone: images.backbone,
  };
  const parts = hooks.map((hook) => (hook.stored.size === 0 ? hook : { ...hook, readings: storedInputs(hook.stored) }));
  const network = { features: featuresInput(featureWidth), head, ...(watched && { images: watched }) };
  return { view: traceHooks(network, parts), usesImages: () => used };
}

/** Where the rows that a part reads come from. */
export interface RowPlan {
  readonly reads: readonly string[];
  /** The part's own readings, by the name under which it reads them. */
  readonly direct: ReadonlyMap<string, Reading>;
  /** What is computed from stored rows, by name. */
  readonly traced: Readonly<Record<string, Tensor>>;
  /** Readings of hooks that it may be computed from. */
  readonly behind: readonly Reading[];
}

/**
 * Plans the rows that a part reads behind hooks. Undefined if they are not available: features or logits that need
 * the images, or a reading that is not stored.
 */
export function planRows(
  stages: LastStages,
  hooks: readonly FittedPart<HookDefinition>[],
  reads: readonly string[],
  own: ReadonlyMap<string, Reading>,
): RowPlan | undefined {
  const named = reads.filter((name) => name !== 'labels');
  const direct = new Map([...own].filter(([name]) => named.includes(name)));
  const { view, usesImages } = viewStored(stages, hooks);
  const traced: Record<string, Tensor> = {};
  for (const name of named.filter((each) => !direct.has(each))) {
    if (!isOfNetwork(name)) return undefined;
    // Unmodified features need no graph.
    const isBare = name === 'features' || (name === 'headInput' && !view.head.normalise);
    if (!isBare || hooks.length > 0) traced[name] = view[name];
  }
  if (usesImages()) return undefined;
  return { reads, direct, traced, behind: hooks.flatMap(({ stored }) => [...stored.values()]) };
}

/** The rows of the network that every part may read. */
export const ofNetwork = ['features', 'headInput', 'logits'] as const;
const isOfNetwork = (name: string): name is (typeof ofNetwork)[number] =>
  (ofNetwork as readonly string[]).includes(name);

/**
 * What determines the rows besides the images: the key of a reading, or the hash of the graph over stored rows; a
 * constant for unmodified features.
 */
export function rowsKey({ direct, traced }: RowPlan, of: string): string {
  const tensor = traced[of];
  return direct.get(of)?.key ?? (tensor ? hashGraph(writeOnnxParts({ rows: tensor })) : 'features');
}

/** A hash of the labels of images, for results that may depend on them. */
export const labelsKey = (images: readonly DatasetImage[]): string =>
  hashData(images.map(({ label }) => label ?? null));

/** Converts a shard's stored rows into those that a part reads. */
export interface OpenedRows {
  readonly readings: readonly string[];
  readonly read: (shard: ShardRows) => Promise<RowBatch>;
  readonly close: () => Promise<void>;
}

/** Opens the graph of a plan, if it has one. */
export async function openRows({ reads, direct, traced, behind }: RowPlan): Promise<OpenedRows> {
  const isComputed = Object.keys(traced).length > 0;
  const session = isComputed ? await openSession(writeOnnx(withOutputNames(traced)), { threads: 1 }) : undefined;
  const fed = behind.filter((reading) => session && isFed(session, reading));
  return {
    readings: [...new Set([...direct.values(), ...fed].map(({ key }) => key))],
    read: async (shard) => {
      const batch = new Map<string, Rows>();
      for (const name of ['features', 'headInput']) if (reads.includes(name)) batch.set(name, shard.rows);
      for (const [name, { key }] of direct) batch.set(name, shard.readings.get(key)!);
      const outputs = session && (await session.run(feedShard(session, shard, fed)));
      for (const name of Object.keys(traced)) batch.set(name, asRows(outputs![outputName(name)]!));
      // fromEntries makes each an own property, even one called __proto__.
      return Object.fromEntries(batch);
    },
    close: async () => session?.release(),
  };
}

/** An output must not have the name of the input. */
const outputName = (name: string) => `read.${name}`;
const withOutputNames = (traced: RowPlan['traced']) =>
  Object.fromEntries(Object.entries(traced).map(([name, tensor]) => [outputName(name), tensor]));

const isFed = ({ inputs }: Session, reading: Reading) =>
  Object.keys(feedReading(reading, { data: new Float32Array(0), shape: [0, 0] })).some((name) =>
    Object.hasOwn(inputs, name),
  );

/** A shard's rows as the inputs of a graph over stored rows. */
export function feedShard({ inputs }: Session, { rows, readings }: ShardRows, fed: readonly Reading[]) {
  const stored = fed.map((reading) => feedReading(reading, readings.get(reading.key)!));
  const all = [feedFeatures(rows), ...stored].flatMap((each) => Object.entries(each));
  return Object.fromEntries(all.filter(([name]) => Object.hasOwn(inputs, name)));
}

/** Those of the readings that a graph has as inputs. */
export const fedReadings = (session: Session, readings: readonly Reading[]): Reading[] =>
  readings.filter((reading) => isFed(session, reading));

/**
 * A set as one part sees it: one shard at a time, with labels if it reads them.
 *
 * @throws FaroutError OOD_MISSING_LABELS naming the first image without a label; OOD_FEATURES_INVALID naming an image
 *   whose features contain NaN; for NaN in other rows the error of `refuse`, by default OOD_DETECTOR_FAILED.
 */
export function rowStream(
  set: ImageRows,
  { reads }: RowPlan,
  opened: OpenedRows,
  { called, refuse }: RowsNamed = learntFrom,
): RowStream {
  const withLabels = reads.includes('labels');
  if (withLabels) refuseUnlabelled(set.images, called);
  return {
    count: set.images.length,
    async *[Symbol.asyncIterator]() {
      for await (const shard of set.rows(opened.readings)) {
        checkFeatures(shard.rows, shard.images, called);
        const batch = await opened.read(shard);
        refuseNaN(batch, shard, refuse);
        const labels = withLabels && { labels: Int32Array.from(shard.images, ({ label }) => label!) };
        yield { ...batch, ...labels } as RowBatch;
      }
    },
  };
}

/** The set's name in messages, and the error for an image with NaN in a row. */
export interface RowsNamed {
  readonly called: string;
  readonly refuse: (image: string, rows: string) => FaroutError;
}

const learntFrom: RowsNamed = {
  called: 'the fit set',
  refuse: (image, rows) =>
    new FaroutError('OOD_DETECTOR_FAILED', `its ${rows} are NaN for the image "${image}" of the fit set`),
};

/** @throws FaroutError OOD_MISSING_LABELS naming the first image without a label. */
export function refuseUnlabelled(images: readonly DatasetImage[], called: string): void {
  const unlabelled = images.find(({ label }) => label === undefined);
  if (!unlabelled) return;
  throw new FaroutError('OOD_MISSING_LABELS', `the image "${unlabelled.id}" of ${called} has no label`, {
    fix: 'Add labels: `labels: folders` for image-folder, a last field on each line for image-list.',
  });
}

function refuseNaN(batch: RowBatch, shard: ShardRows, refuse: RowsNamed['refuse']): void {
  for (const [name, rows] of Object.entries(batch as Readonly<Record<string, Rows>>)) {
    // The stored features are already checked.
    if (rows === shard.rows) continue;
    const found = firstNaN(rows);
    if (found) throw refuse(shard.images[found.row]!.id, name);
  }
}

/** A detector that is ready to be traced: its parts have learnt. */
export interface FittedDetector {
  readonly name: string;
  readonly hooks: readonly FittedPart<HookDefinition>[];
  readonly scorer: FittedPart<ScorerDefinition>;
  /** Its score as a reading, if it depends on the images. */
  readonly score?: Reading;
  /** What its scorer over rows remembers of the fit set. */
  readonly bank?: Bank;
  /** A hash of everything besides the images that determines the output of its scorer over rows. */
  readonly rowsKey?: string;
  /** The seed its scorer draws with, if not the experiment's. */
  readonly seed?: number;
}

/** Stored rows of a set, as a part reads them. Only a reference: nothing is copied. */
export interface Bank {
  /** Identifies the rows: a hash of what they are computed from. */
  readonly sha256: string;
  readonly set: ImageRows;
  readonly plan: RowPlan;
}
