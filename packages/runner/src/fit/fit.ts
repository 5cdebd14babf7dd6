import { types } from 'node:util';
import { parseNpy, writeNpy } from '@farout/checkpoints';
import {
  FaroutError,
  z,
  type FailedDetector,
  type Fit,
  type HookDefinition,
  type Learnt,
  type ScorerDefinition,
  type TraceablePart,
} from '@farout/core';
import type { NDArray } from '@farout/tensor';
import type { Detector, Part } from '../experiment.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { atPlace, failure, refuseMachineFault, settled } from '../plugins/failure.ts';
import { hashBytes, hashData, type Entries } from '../store/entries.ts';
import { fitRows, openLens, type LastStages } from './lens.ts';

/** The detectors that are ready, and those that could not learn. */
interface FitResult {
  readonly fitted: readonly FittedDetector[];
  readonly failed: readonly FailedDetector[];
}

/** Fits every detector on the fit set; one that fails does not stop the others. */
export async function fit(detectors: readonly Detector[], fitting: Fitting): Promise<FitResult> {
  const fitted: FittedDetector[] = [];
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    fitting.signal.throwIfAborted();
    try {
      fitted.push(await fitDetector(detector, fitting));
    } catch (error) {
      fitting.signal.throwIfAborted();
      refuseMachineFault(error);
      failed.push(failure(detector.name, error));
    }
  }
  return { fitted, failed };
}

/** What fitting works with. */
export interface Fitting {
  readonly stages: LastStages;
  /** Features of the fit set; undefined when the experiment has none, and then nothing needs one. */
  readonly set: ImageRows | undefined;
  readonly learnt: LearntStore;
  /** A hash of all that decides the features of an image besides the image. */
  readonly extraction: string;
  readonly signal: AbortSignal;
}

/** A detector that is ready to be traced: its parts know what they learnt. */
export interface FittedDetector {
  readonly name: string;
  readonly hooks: readonly TraceablePart<HookDefinition>[];
  readonly scorer: TraceablePart<ScorerDefinition>;
}

type AnyPart = Part<HookDefinition | ScorerDefinition>;

/** Fits a detector's parts in order, each on what the hooks before it make of the fit set; the scorer comes last. */
export async function fitDetector({ name, hooks, scorer }: Detector, fitting: Fitting): Promise<FittedDetector> {
  const fitted: TraceablePart<HookDefinition>[] = [];
  for (const hook of hooks) fitted.push(await fitPart(hook, fitted, hooks, fitting));
  return { name, hooks: fitted, scorer: await fitPart(scorer, fitted, hooks, fitting) };
}

async function fitPart<D extends HookDefinition | ScorerDefinition>(
  part: Part<D>,
  before: readonly TraceablePart<HookDefinition>[],
  hooks: readonly Part<HookDefinition>[],
  fitting: Fitting,
): Promise<TraceablePart<D>> {
  const { definition, params } = part;
  const fit = definition.fit?.(params);
  if (!fit) return { definition, params, learnt: {} };
  const key = learntKey([...hooks.slice(0, before.length), part], fitting);
  const known = await fitting.learnt.find(key);
  if (known) return { definition, params, learnt: known };
  const learnt = await atPlace(part.place, () => learnPart({ definition, params }, fit, before, fitting));
  await fitting.learnt.add(key, learnt);
  return { definition, params, learnt };
}

/** The parts up to the one that learns, and what they learn from: what hooks before it learnt follows from the same. */
const learntKey = (parts: readonly AnyPart[], { extraction, set }: Fitting) =>
  hashData([
    extraction,
    set?.fingerprint,
    parts.map(({ origin, definition, params }) => [origin, definition.name, params]),
  ]);

/** Lets a part learn behind the hooks before it; nothing is looked up or kept. */
export async function learnPart(
  { definition, params }: Pick<AnyPart, 'definition' | 'params'>,
  fit: Fit<Record<string, unknown>>,
  before: readonly TraceablePart<HookDefinition>[],
  { stages, set, signal }: Fitting,
): Promise<Learnt> {
  const lens = await openLens(stages, before, fit.reads);
  try {
    const rows = fitRows(set!, fit.reads, lens.seeThrough);
    return checkLearnt(definition.name, await settled(Promise.resolve(fit.learn(rows, params)), signal));
  } finally {
    await lens.close();
  }
}

const learntSchema = z.array(z.object({ name: z.string(), hash: z.string() }));

/** What parts learnt, by key: a manifest and one .npy per array. */
export class LearntStore {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async find(key: string): Promise<Learnt | undefined> {
    const manifest = await this.#entries.readJson(manifestKey(key), learntSchema);
    if (!manifest) return undefined;
    const arrays: [string, NDArray][] = [];
    for (const { name, hash } of manifest) {
      const bytes = await this.#entries.readBytes(arrayKey(key, hash), hash);
      if (!bytes) return undefined;
      arrays.push([name, parseNpy(bytes)]);
    }
    return Object.fromEntries(arrays);
  }

  async add(key: string, learnt: Learnt): Promise<void> {
    const manifest: z.output<typeof learntSchema> = [];
    for (const [name, array] of Object.entries(learnt)) {
      const bytes = writeNpy(array);
      const hash = hashBytes(bytes);
      await this.#entries.writeBytes(arrayKey(key, hash), bytes);
      manifest.push({ name, hash });
    }
    await this.#entries.writeJson(manifestKey(key), manifest);
  }
}

const manifestKey = (key: string) => `learnt/${key}.json`;
const arrayKey = (key: string, hash: string) => `learnt/${key}/${hash}.npy`;

/**
 * What a part learnt, which plain JavaScript may have made: it must outlive the run as numbers in a shape.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED naming the part and the array.
 */
export function checkLearnt(part: string, learnt: unknown): Learnt {
  if (typeof learnt !== 'object' || learnt === null) throw fault(part, 'no record of arrays');
  for (const [name, array] of Object.entries(learnt)) {
    const { data, shape } = (array ?? {}) as { data?: unknown; shape?: unknown };
    if (!isTypedArray(data) || !isShape(shape)) throw fault(part, `"${name}", which is no typed array with its shape`);
    if (data.length === shape.reduce((product, size) => product * size, 1)) continue;
    throw fault(part, `"${name}", whose ${data.length} elements do not fill the shape (${shape.join(', ')})`);
  }
  return learnt as Learnt;
}

const isTypedArray = (data: unknown): data is { readonly length: number } =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);

const fault = (part: string, what: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `"${part}" learnt ${what}`, {
    fix: 'Let learn return { name: { data, shape } }, data in float32, float64, int32, int64 or uint8.',
  });
