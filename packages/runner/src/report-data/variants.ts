import {
  curveOf,
  FaroutError,
  schemaOf,
  traceHooks,
  traceReadings,
  z,
  type HookDefinition,
  type Learnt,
  type Measured,
  type ScorerDefinition,
} from '@farout/core';
import { setsOf, stepsOf, type Part } from '../experiment.ts';
import { hashGraph, imageGraph } from '../extraction/graphs.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import type { Fitting } from '../fit/fit.ts';
import { learnOnce } from '../fit/learn.ts';
import { labelsKey, planRows, type Bank, type FittedDetector, type FittedPart } from '../fit/rows.ts';
import { hostCode } from '../plugins/code.ts';
import { joinFloats } from '../evaluate/evaluate.ts';
import { floatsOf, textOf } from '../score/kept.ts';
import { planScores, scoreDataset, Scoring, type ScorePlan } from '../score/on-features.ts';
import { scoreRows } from '../score/on-rows.ts';
import { Entries, hashData } from '../store/entries.ts';
import { fitSetOf, identityOf, sampleRows, type AnyPart, type PlacedPart, type ReportSources } from './sources.ts';

/** Milliseconds that a run may spend in total on detectors with other parameters; `farout report` computes the rest. */
export const variantTime = 30_000;

/** Number of images per set they are computed on at most: more would not visibly change a curve. */
export const variantImages = 2000;

/** Scores by set name, in the order of the set's images. */
type Scores = ReadonlyMap<string, Float32Array>;

const scoresSchema = z.array(z.base64());

/** Detectors with other parameters for one of their parts. Their scores are cached in the store; metrics are measured each time. */
export class Variants {
  readonly #sources: ReportSources;
  readonly #entries: Entries;
  readonly #end: number;
  readonly #sampled = new Map<string, ImageRows>();

  /** `time`: milliseconds that they may take in total. */
  constructor(sources: ReportSources, time: number) {
    this.#sources = sources;
    this.#entries = new Entries(sources);
    this.#end = sources.clock.now() + time;
  }

  /** How many images of a set they are computed on; undefined if on all. */
  get imagesPerSet(): number | undefined {
    const { sets } = this.#sources;
    return [...sets.values()].some(({ images }) => images.length > variantImages) ? variantImages : undefined;
  }

  /**
   * Whether the detector can be computed from stored rows with other parameters of the part, with nothing but that
   * part learning again.
   */
  canVary({ one, at, part }: PlacedPart): boolean {
    const { experiment } = this.#sources;
    const { hooks, scorer } = one.fitted;
    const behind = [...one.detector.hooks, one.detector.scorer].slice(at + 1);
    if (one.fitted.score || behind.some((each) => stepsOf(each).length > 0)) return false;
    if (part.definition.readingsAfter || [...hooks, scorer].slice(at + 1).some(({ stored }) => stored.size > 0))
      return false;
    return stepsOf(part).every((step) => step.set !== undefined || fitSetOf(part, experiment) !== undefined);
  }

  /** The metrics with other parameters; undefined if there is no time left to compute them. */
  async measure(placed: PlacedPart, wanted: unknown): Promise<Measured | undefined> {
    const scores = await this.#scoresOf({ ...placed, part: withParams(placed.part, wanted) });
    if (!scores) return undefined;
    const { id, ood, metrics } = this.#sources.experiment;
    const inside = joinFloats(id.map((name) => scores.get(name)!));
    return Object.fromEntries(
      ood.map((name) => {
        const curve = curveOf(inside, scores.get(name)!);
        return [name, Object.fromEntries(metrics.map((metric) => [metric.name, metric.value(curve)]))];
      }),
    );
  }

  /** The ID sets, then the OOD sets; a sample of each. */
  get #sets(): ReadonlyMap<string, ImageRows> {
    const { id, ood } = this.#sources.experiment;
    return new Map([...id, ...ood].map((name) => [name, this.#sample(name)]));
  }

  #sample(name: string): ImageRows {
    const known = this.#sampled.get(name) ?? sampleRows(this.#sources.sets.get(name)!, variantImages);
    this.#sampled.set(name, known);
    return known;
  }

  /** Returns cached scores, or computes and caches them. */
  async #scoresOf(placed: PlacedPart): Promise<Scores | undefined> {
    const { signal, clock } = this.#sources;
    signal.throwIfAborted();
    const key = this.#keyOf(placed);
    const known = await this.#entries.readJson(key, scoresSchema);
    if (known) return new Map([...this.#sets.keys()].map((name, index) => [name, floatsOf(known[index]!)]));
    if (clock.now() > this.#end) return undefined;
    const scores = await this.#compute(placed);
    await this.#entries.writeJson(key, [...scores.values()].map(textOf));
    return scores;
  }

  #keyOf({ one, at, part }: PlacedPart): string {
    const { detector } = one;
    const { experiment, fitting, sets: all } = this.#sources;
    const { features, seed } = fitting;
    const parts = [...detector.hooks, detector.scorer].with(at, part);
    // The parts before it have learnt from all images of their sets.
    const learnt = parts.map((each, index) =>
      setsOf(each, experiment.fit).map((name) => {
        const set = index === at ? this.#sample(name) : all.get(name);
        return set && [set.fingerprint, labelsKey(set.images)];
      }),
    );
    const stored = [...one.fitted.hooks, one.fitted.scorer].map((each) =>
      [...each.stored.values()].map(({ key }) => key),
    );
    const sets = [...this.#sets.values()].map(({ fingerprint }) => fingerprint);
    return `sweeps/${hashData([hostCode(), features, learnt, stored, seed, sets, parts.map(identityOf)])}.json`;
  }

  async #compute(placed: PlacedPart): Promise<Scores> {
    const { fitting } = this.#sources;
    const { fitted } = placed.one;
    const { learnt, bank } = await this.#learn(placed);
    const { definition, params } = placed.part;
    const parts = [...fitted.hooks, fitted.scorer];
    const changed = { ...parts[placed.at]!, definition, params, learnt } as (typeof parts)[number];
    const all = parts.with(placed.at, changed);
    const variant: FittedDetector = {
      name: fitted.name,
      hooks: all.slice(0, -1),
      scorer: all.at(-1) as FittedPart<ScorerDefinition>,
      ...(bank && { bank }),
    };
    return 'rows' in variant.scorer.definition
      ? scoreRows(variant, this.#sets, fitting)
      : inGraph(variant, this.#sets, fitting);
  }

  async #learn({ one, at, part }: PlacedPart): Promise<{ readonly learnt: Learnt; readonly bank?: Bank }> {
    const { fitting } = this.#sources;
    const { definition } = part;
    const hooks = one.fitted.hooks.slice(0, at);
    const { stored } = [...one.fitted.hooks, one.fitted.scorer][at]!;
    refuseOtherReadings(part, hooks, stored, fitting);
    let [learnt, bank]: [Learnt, Bank | undefined] = [{}, one.fitted.bank];
    for (const step of stepsOf(part)) {
      const plan = planRows(fitting.network, hooks, step.reads, stored);
      const name = step.set ?? fitSetOf(part, this.#sources.experiment);
      if (!plan || name === undefined) throw new Error(`${definition.name} learns from data that is not stored`);
      const set = this.#sample(name);
      const against = step.against === undefined ? undefined : this.#sample(step.against);
      if (step.keeps) bank = { set, plan, sha256: hashData([set.fingerprint, step.reads]) };
      const kept = { learnt: fitting.learnt, features: fitting.features };
      const learning = { ...fitting, kept, set, against, hooks, learnt };
      learnt = { ...learnt, ...(await learnOnce(definition, step, plan, learning)) };
    }
    return { learnt, ...(bank && { bank }) };
  }
}

function withParams(part: AnyPart, wanted: unknown): AnyPart {
  const { data, error } = schemaOf(part.definition).safeParse(wanted);
  if (data) return { ...part, params: data };
  throw new Error(`${part.definition.name} rejects the parameters: ${z.prettifyError(error)}`);
}

/** Refuses parameters that would change the stored readings, which were made with the parameters of the run. */
function refuseOtherReadings(
  part: AnyPart,
  hooks: FittedDetector['hooks'],
  stored: FittedPart<unknown>['stored'],
  { network }: Fitting,
): void {
  const { images, head } = network;
  if (!part.definition.readings || !images) return;
  const view = traceHooks({ features: images.backbone.features(images.image), head, images }, hooks);
  const readings = traceReadings(view, { ...(part as Part<HookDefinition>), learnt: {} }, 'first');
  const isStored = ([name, tensor]: [string, (typeof readings)[string]]) =>
    network.keyOf(hashGraph(imageGraph(tensor))) === stored.get(name)?.key;
  if (Object.entries(readings).every(isStored)) return;
  throw new Error(`${part.definition.name} needs different readings with these parameters`);
}

async function inGraph(
  variant: FittedDetector,
  sets: ReadonlyMap<string, ImageRows>,
  fitting: Fitting,
): Promise<Scores> {
  const { network, signal } = fitting;
  const plan = planScores([variant], network);
  refuseFailed(plan);
  const scoring = await Scoring.open(plan, network);
  try {
    refuseFailed(scoring);
    const scores = new Map<string, Float32Array>();
    for (const [name, set] of sets) {
      const scored = await scoreDataset(set, scoring, signal, name);
      refuseFailed(scoring);
      scores.set(name, scored.scores.get(variant.name)!);
    }
    return scores;
  } finally {
    await scoring.release();
  }
}

function refuseFailed({ failed: [first] }: Pick<ScorePlan, 'failed'>): void {
  if (first) throw new FaroutError('OOD_DETECTOR_FAILED', first.message);
}
