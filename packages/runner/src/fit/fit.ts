import type { FailedDetector, Fit, HookDefinition, Learnt, ScorerDefinition, TraceablePart } from '@farout/core';
import type { Detector, Part } from '../experiment.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { atPlace, failure, refuseMachineFault, settled } from '../plugins/failure.ts';
import { hashData } from '../store/entries.ts';
import { checkLearnt, type LearntStore } from './learnt.ts';
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
