import { FaroutError, type FailedDetector, type Fit } from '@farout/core';
import type { Detector } from '../experiment.ts';
import type { ImageRows, ImageSet } from '../extraction/row-set.ts';
import { atPlace, failure, refuseMachineFault } from '../plugins/failure.ts';
import { hostCode } from '../plugins/code.ts';
import { hashData } from '../store/entries.ts';
import { learnOnce } from './learn.ts';
import type { LearntStore } from './learnt.ts';
import { Preparation, setsOfStep, type Demand, type Network, type PreparingPart } from './preparation.ts';
import { labelsKey, ofNetwork, planRows, rowsKey, type FittedDetector, type RowPlan } from './rows.ts';

/** Context for fitting. */
export interface Fitting {
  readonly network: Network;
  /** All sets by name, including those that parts learn from. */
  readonly sets: ReadonlyMap<string, ImageSet>;
  readonly learnt: LearntStore;
  /** A hash of the last layer and of everything besides the image that determines its features. */
  readonly features: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Detectors being prepared, and those that failed. */
export class Preparing {
  readonly #waiting: Set<Preparation>;
  readonly failed: FailedDetector[] = [];

  /** A detector whose parts fail to say what they learn counts as failed from the start. */
  constructor(detectors: readonly Detector[], network: Network, fit: string | undefined) {
    this.#waiting = new Set();
    for (const detector of detectors) {
      try {
        this.#waiting.add(new Preparation(detector, network, fit));
      } catch (error) {
        this.failed.push(failure(detector.name, error));
      }
    }
  }

  /** The detectors that have not failed, in order. */
  get left(): readonly Preparation[] {
    return [...this.#waiting];
  }

  /** The readings that can be declared now, by the detector that wants them. */
  async declare(signal: AbortSignal): Promise<ReadonlyMap<Preparation, readonly Demand[]>> {
    const demands = new Map<Preparation, readonly Demand[]>();
    await this.each(signal, (preparation) => {
      demands.set(preparation, preparation.declare());
    });
    return demands;
  }

  /** Fails the detectors that want a reading which onnxruntime refuses. */
  refuse(demands: ReadonlyMap<Preparation, readonly Demand[]>, refused: ReadonlyMap<string, unknown>): void {
    for (const [preparation, wanted] of demands) {
      const found = wanted.find(({ reading: { key } }) => refused.has(key));
      if (found) this.#fail(preparation, refused.get(found.reading.key));
    }
  }

  /** Applies `work` to each detector. One that fails does not stop the others. */
  async each(signal: AbortSignal, work: (preparation: Preparation) => void | Promise<void>): Promise<void> {
    for (const preparation of this.left) {
      signal.throwIfAborted();
      try {
        await work(preparation);
      } catch (error) {
        signal.throwIfAborted();
        refuseMachineFault(error);
        this.#fail(preparation, error);
      }
    }
  }

  #fail(preparation: Preparation, error: unknown): void {
    this.#waiting.delete(preparation);
    this.failed.push(failure(preparation.name, error));
  }
}

/**
 * Lets the parts of a detector learn in order, as far as the data they read exists. Each part sees the network behind
 * the hooks before it.
 */
export async function advance(preparation: Preparation, fitting: Fitting): Promise<void> {
  for (const [index, each] of preparation.parts.entries()) {
    while (each.done < each.steps.length) {
      const step = each.steps[each.done]!;
      const sets = setsOfStep(step, each).map((name) => fitting.sets.get(name));
      const plan = planRows(fitting.network, preparation.hooksBefore(index), step.reads, each.stored);
      if (!plan || !sets.every((set) => set !== undefined) || !areThere(plan, sets)) return;
      await learnStep(preparation, index, { plan, sets }, fitting);
    }
  }
}

/** Whether a pass over the images has computed everything that is read of these sets. */
function areThere({ direct, behind }: RowPlan, sets: readonly ImageSet[]): boolean {
  for (const { key } of [...direct.values(), ...behind]) {
    for (const set of sets) {
      if (!set.has(key)) return false;
      const lack = set.lack(key);
      if (lack === undefined) continue;
      throw new FaroutError('OOD_DETECTOR_FAILED', `it learns from a reading that is missing for ${lack}`);
    }
  }
  return true;
}

/** The rows a step reads: of the set it learns from, and of the set it learns against. */
interface StepRows {
  readonly plan: RowPlan;
  readonly sets: readonly ImageRows[];
}

async function learnStep(
  preparation: Preparation,
  index: number,
  { plan, sets }: StepRows,
  fitting: Fitting,
): Promise<void> {
  const each = preparation.parts[index]!;
  const { part, steps, done } = each;
  const step = steps[done]!;
  const [set, against] = sets as [ImageRows, ImageRows?];
  const key = learntKey(preparation, index, plan, fitting);
  if (step.keeps) each.bank = { set, plan, sha256: key };
  const known = await fitting.learnt.find(key);
  const kept = { learnt: fitting.learnt, features: fitting.features };
  const behind = { hooks: preparation.hooksBefore(index), learnt: each.learnt };
  const seed = preparation.seed ?? fitting.seed;
  const learning = { ...fitting, ...behind, seed, kept, set, against };
  const learnt = known ?? (await atPlace(part.place, () => learnOnce(part.definition, step, plan, learning)));
  if (!known) await fitting.learnt.add(key, learnt);
  each.learnt = { ...each.learnt, ...learnt };
  each.done++;
}

/**
 * The parts up to the one that learns, and everything they learn from. What earlier parts have learnt follows from the same inputs.
 */
function learntKey(preparation: Preparation, index: number, plan: RowPlan, { features, seed, sets }: Fitting): string {
  const drawn = drawnBy(preparation, index, seed);
  const { done, steps } = preparation.parts[index]!;
  const parts = preparation.parts.slice(0, index + 1).map((each, at) => {
    const taken = at === index ? each.steps.slice(0, done + 1) : each.steps;
    return partKey(each, taken, sets);
  });
  const rows = steps[done]!.reads.map((name) => [name, name === 'labels' ? null : rowsKey(plan, name)]);
  return hashData([hostCode(), features, drawn, parts, done, rows]);
}

/**
 * A detector that is ready to score. The output of its scorer over rows is determined by what its parts are, read and have learnt.
 */
export function finished(preparation: Preparation, { features, seed, sets }: Fitting): FittedDetector {
  const detector = preparation.finish();
  if (!('rows' in detector.scorer.definition)) return detector;
  const parts = preparation.parts.map((each) => [
    ...partKey(each, each.steps, sets),
    [...each.stored].map(([name, { key }]) => [name, key]),
  ]);
  const drawn = drawnBy(preparation, preparation.parts.length - 1, seed);
  return { ...detector, rowsKey: hashData([hostCode(), features, drawn, parts]) };
}

/** The seed that affects the parts up to an index; null if none of them draws at random. */
const drawnBy = ({ parts, seed }: Preparation, index: number, usual: number): number | null =>
  parts.slice(0, index + 1).some(({ part }) => part.definition.draws) ? (seed ?? usual) : null;

/** What identifies a part, and the sets of the given steps. */
const partKey = (each: PreparingPart, taken: readonly Fit[], sets: Fitting['sets']): readonly unknown[] => {
  const { origin, code, definition, params } = each.part;
  return [origin, code?.(), definition.name, params, taken.map((step) => setsKey(step, each, sets))];
};

/** The content of the sets of a step, and their labels if it reads them. */
const setsKey = (step: Fit, part: Pick<PreparingPart, 'set'>, sets: Fitting['sets']) =>
  setsOfStep(step, part).map((name) => {
    const set = sets.get(name);
    return set && [set.fingerprint, step.reads.includes('labels') ? labelsKey(set.images) : null];
  });

/**
 * @throws FaroutError OOD_DETECTOR_FAILED if a detector wants something that only a third pass over the images could
 *   provide, or learns from something it does not declare.
 */
export function refuseThirdPass(preparation: Preparation, demands: readonly Demand[]): void {
  if (demands.length === 0 && preparation.isFitted) return;
  refuseUndeclared(preparation);
  const what = demands[0]?.reading.what ?? 'its training input';
  throw new FaroutError('OOD_DETECTOR_FAILED', `${what} depends on what the second pass over the images learns`, {
    fix: 'There are only two passes: readings may depend only on steps learnt in the first one.',
  });
}

/** By now everything that can be declared has been declared. */
function refuseUndeclared({ parts }: Preparation): void {
  const each = parts.find(({ done, steps }) => done < steps.length);
  const known = each && [...each.stored.keys(), ...ofNetwork, 'labels'];
  const unknown = each?.steps[each.done]!.reads.filter((name) => !known!.includes(name)) ?? [];
  if (unknown.length === 0) return;
  const { definition, place } = each!.part;
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    `"${definition.name}" learns from undeclared readings: ${unknown.join(', ')}`,
    { place, fix: 'Declare them in its "readings", with the same names.' },
  );
}
