import {
  FaroutError,
  traceHooks,
  traceReadings,
  type Fit,
  type HookDefinition,
  type Learnt,
  type NetworkView,
  type ScorerDefinition,
  type SymbolicScorer,
  type TraceablePart,
} from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { stepsOf, type Detector, type Part } from '../experiment.ts';
import { bytesOf, inUnits, mostBytesOfImage } from '../extraction/cost.ts';
import { featuresOf, hashGraph, imageGraph, type Reading } from '../extraction/graphs.ts';
import { overlaid, soundScore } from './sound-score.ts';
import {
  isScored,
  ofNetwork,
  planRows,
  storedInputs,
  viewStored,
  type Bank,
  type FittedDetector,
  type FittedPart,
  type LastStages,
} from './rows.ts';

/** The network's last stages, access to them from images, and how readings get their keys. */
export interface Network extends LastStages {
  /** Derives a reading's key from the hash of its graph. */
  readonly keyOf: (graphHash: string) => string;
  /** Whether more than 64 KB per image may be stored. */
  readonly allowLargeReadings: boolean;
}

/** A reading that a detector wants, and the sets it is wanted for. */
export interface Demand {
  readonly reading: Reading;
  /** Whether it is wanted for the sets that are compared. */
  readonly compared: boolean;
  /** The fit sets it is wanted for, by name. */
  readonly fit: ReadonlySet<string>;
}

type AnyPart = Part<HookDefinition | ScorerDefinition>;

/** A part while its detector is being prepared. */
export interface PreparingPart {
  readonly part: AnyPart;
  /** Its learning steps; none if it learns nothing. */
  readonly steps: readonly Fit[];
  /** The set it learns from; undefined if the experiment has none. */
  readonly set: string | undefined;
  /** How many of its steps are done. */
  done: number;
  learnt: Learnt;
  bank?: Bank;
  /** Its readings by name; those of the second pass once they can be traced. Includes features and logits if they need the images. */
  readonly stored: Map<string, Reading>;
}

/**
 * A detector between its definition and being ready to score. What it wants of images is declared as soon as it can
 * be traced: before anything is learnt, and again once its parts have learnt.
 */
export class Preparation {
  readonly name: string;
  readonly parts: readonly PreparingPart[];
  /** The seed it draws with, if not the experiment's. */
  readonly seed: number | undefined;
  readonly #network: Network;
  #score: Reading | undefined;

  constructor({ name, hooks, scorer, again }: Detector, network: Network, fitSet: string | undefined) {
    this.name = name;
    this.seed = again?.seed;
    this.#network = network;
    this.parts = [...hooks, scorer].map((part) => ({
      part,
      steps: stepsOf(part),
      set: part.fit ?? fitSet,
      done: 0,
      learnt: {},
      stored: new Map(),
    }));
  }

  get isFitted(): boolean {
    return this.parts.every(({ steps, done }) => done === steps.length);
  }

  /** The hooks before a part, with what they have learnt. */
  hooksBefore(index: number): FittedPart<HookDefinition>[] {
    return this.parts.slice(0, index).map((each) => fitted(each) as FittedPart<HookDefinition>);
  }

  /** The demands that can be traced now but could not before. */
  declare(): Demand[] {
    const demands: Demand[] = [];
    for (const index of this.parts.keys()) {
      if (!this.parts.slice(0, index).every(({ steps, done }) => done === steps.length)) break;
      demands.push(...this.#declarePart(index));
    }
    if (this.isFitted) demands.push(...this.#declareScore());
    return demands;
  }

  /** Whether a part has readings that depend on what it has yet to learn. Until then tracing them fails or gives none. */
  get wantsMoreOnceLearnt(): boolean {
    return this.parts.some((each, index) => {
      if (!each.part.definition.readingsAfter || each.done === each.steps.length) return false;
      try {
        return Object.keys(traceReadings(this.#overImages(index).view, fitted(each), 'after')).length > 0;
      } catch {
        return true;
      }
    });
  }

  /** @throws Error if it is not fitted. */
  finish(): FittedDetector {
    const hooks = this.hooksBefore(this.parts.length - 1);
    const last = this.parts.at(-1)!;
    return {
      name: this.name,
      hooks,
      scorer: fitted(last) as FittedPart<ScorerDefinition>,
      ...(this.#score && { score: this.#score }),
      ...(last.bank && { bank: last.bank }),
      ...(this.seed !== undefined && { seed: this.seed }),
    };
  }

  #declarePart(index: number): Demand[] {
    const each = this.parts[index]!;
    const { definition } = each.part;
    const found: [string, Reading][] = [];
    const declare = (which: 'first' | 'after') => {
      const view = this.#overImages(index);
      for (const [name, tensor] of Object.entries(traceReadings(view.view, fitted(each), which))) {
        if (each.stored.has(name)) continue;
        const reading = this.#reading(`reading "${name}" of "${this.name}"`, tensor, view.applies(), each.part);
        each.stored.set(name, reading);
        found.push([name, reading]);
      }
    };
    if (definition.readings && each.done === 0) declare('first');
    if (definition.readingsAfter && isDueAfter(each)) declare('after');
    found.push(...this.#declareRows(index));
    return found.map(([name, reading]) => {
      const compared = index < this.parts.length - 1 || isScored(name, each.part as Part<ScorerDefinition>);
      return { reading, compared, fit: this.#fitSetsOf(index, name) };
    });
  }

  /** Features or logits that a part reads and that, behind the hooks before it, need the images. */
  #declareRows(index: number): [string, Reading][] {
    const each = this.parts[index]!;
    const { definition, params } = each.part;
    const scoring = 'rows' in definition ? definition.rows(params).reads : [];
    const reads = new Set([...each.steps.flatMap((step) => step.reads), ...scoring]);
    const found: [string, Reading][] = [];
    for (const name of ofNetwork) {
      if (!reads.has(name) || each.stored.has(name)) continue;
      if (planRows(this.#network, this.hooksBefore(index), [name], new Map())) continue;
      const { view, applies } = this.#overImages(index);
      found.push([name, this.#reading(`${name} of "${this.name}"`, view[name], applies(), each.part)]);
    }
    for (const [name, reading] of found) each.stored.set(name, reading);
    return found;
  }

  /** A symbolic score that depends on the images is itself a reading. */
  #declareScore(): Demand[] {
    const index = this.parts.length - 1;
    const each = this.parts[index]!;
    if (this.#score || !('score' in each.part.definition)) return [];
    if (tryStored(this.#network, this.hooksBefore(index), fitted(each) as FittedPart<SymbolicScorer>)) return [];
    const { view, applies } = this.#overImages(index);
    const score = soundScore(view, withoutStored(fitted(each) as FittedPart<SymbolicScorer>));
    this.#score = this.#reading(`the score of "${this.name}"`, score.unsqueeze([1]), applies(), each.part);
    return [{ reading: this.#score, compared: true, fit: new Set() }];
  }

  #reading(what: string, tensor: Tensor, applies: boolean, { place }: AnyPart): Reading {
    const key = this.#network.keyOf(hashGraph(imageGraph(tensor)));
    const reading: Reading = { key, what, tensor, graph: applies ? 'image' : 'forward' };
    const bytes = bytesOf(reading);
    if (bytes <= mostBytesOfImage || this.#network.allowLargeReadings) return reading;
    throw new FaroutError('OOD_READING_TOO_LARGE', `${what} keeps ${inUnits(bytes)} of each image`, {
      place,
      fix: 'Reduce it in the graph, for example with a mean or maximum over positions. To keep all of it: allowLargeReadings: true.',
    });
  }

  /** The network behind the hooks before a part, over images, and whether the part has itself applied the network to images. */
  #overImages(index: number): { readonly view: NetworkView; readonly applies: () => boolean } {
    const { images, head } = this.#network;
    if (!images) throw new FaroutError('OOD_DETECTOR_FAILED', 'it needs images; only stored features are available');
    const hooks = this.hooksBefore(index).map(withoutStored);
    return noteApplying(traceHooks({ features: featuresOf(images), head, images }, hooks));
  }

  /** What a hook reads is needed wherever a later part learns. */
  #fitSetsOf(index: number, name: string): Set<string> {
    const isHook = index < this.parts.length - 1;
    const own = this.parts[index]!;
    const reading = own.steps.filter(({ reads }) => reads.includes(name)).flatMap((step) => setsOfStep(step, own));
    const behind = isHook ? this.parts.slice(index + 1) : [];
    return new Set([...reading, ...behind.flatMap((each) => each.steps.flatMap((step) => setsOfStep(step, each)))]);
  }
}

/** A part whose readings are computed from the image itself. */
const withoutStored = <D>({ definition, params, learnt }: FittedPart<D>): TraceablePart<D> => ({
  definition,
  params,
  learnt,
});

/** The sets that a step learns from and against. */
export const setsOfStep = ({ set, against }: Fit, part: Pick<PreparingPart, 'set'>): readonly string[] =>
  [set ?? part.set, against].filter((name) => name !== undefined);

/** A part's second-pass readings are due once every step before the first one that reads any of them is done. */
function isDueAfter({ part, steps, done, stored }: PreparingPart): boolean {
  const known = new Set([...stored.keys(), ...ofNetwork, 'labels']);
  const first = steps.findIndex(({ reads }) => reads.some((name) => !known.has(name)));
  return part.definition.readingsAfter !== undefined && done === (first === -1 ? steps.length : first);
}

const fitted = ({
  part,
  steps,
  set,
  learnt,
  stored,
}: PreparingPart): FittedPart<HookDefinition | ScorerDefinition> => ({
  definition: part.definition,
  params: part.params,
  learnt,
  stored,
  ...(steps.length > 0 && set !== undefined && { from: set }),
});

/** The score over stored rows, NaN for rows that contain one. Undefined if it needs the images. */
export function tryStored(
  stages: LastStages,
  hooks: readonly FittedPart<HookDefinition>[],
  { stored, ...scorer }: FittedPart<SymbolicScorer>,
): Tensor | undefined {
  const { view, usesImages } = viewStored(stages, hooks);
  const part: TraceablePart<SymbolicScorer> = stored.size > 0 ? { ...scorer, readings: storedInputs(stored) } : scorer;
  try {
    const score = soundScore(view, part);
    return usesImages() ? undefined : score;
  } catch (error) {
    // Stored features do not depend on the image, so a gradient with respect to it may fail.
    if (usesImages()) return undefined;
    throw error;
  }
}

/** The same view, and whether its user applies the network to images. */
function noteApplying(view: NetworkView): { readonly view: NetworkView; readonly applies: () => boolean } {
  let applied = false;
  const apply = <T>(made: T): T => {
    applied = true;
    return made;
  };
  const noting = overlaid(view, {
    get image() {
      return apply(view.image);
    },
    featuresOf: (image) => apply(view.featuresOf(image)),
    logitsOf: (image) => apply(view.logitsOf(image)),
    tapOf: (image, name) => apply(view.tapOf(image, name)),
  });
  return { view: noting, applies: () => applied };
}
