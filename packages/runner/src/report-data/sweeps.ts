import {
  curveOf,
  FaroutError,
  z,
  type HookDefinition,
  type HookSweep,
  type Learnt,
  type ParameterSweep,
  type TraceablePart,
} from '@farout/core';
import type { Part } from '../experiment.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { learnPart, type FittedDetector, type Fitting } from '../fit/fit.ts';
import { fitRows, openLens } from '../fit/lens.ts';
import { settled } from '../plugins/failure.ts';
import { openScoring, scoreDataset, type DatasetScores } from '../score/on-features.ts';
import { planScores } from '../score/trace.ts';
import { Entries, hashData } from '../store/entries.ts';
import { rounded } from './curves.ts';
import { sampleRows, unlessItFails, type ReportSources, type ScoredDetector } from './sources.ts';

/** Milliseconds that the sweeps of a run may take in all; what is left, `farout report` makes. */
export const sweepTime = 30_000;

/** Of how many images of a set a sweep is computed at most: more would not move a curve by what can be seen. */
const sweptImages = 2000;

/** What the sweeps of a run came to. */
interface Sweeps {
  readonly sweeps: readonly ParameterSweep[];
  /** What was left out because the time was up: a phrase each. */
  readonly unfinished: readonly string[];
}

/**
 * Every detector with a hook that declares a sweep, fitted and scored for each of its values. The hook alone is fitted again:
 * what the hooks before it learnt stays, and where a part behind it learns there is no sweep. What was computed is kept in the
 * store. A sweep that fails costs a warning and not the others'.
 */
export async function sweeps(scored: readonly ScoredDetector[], sources: ReportSources, time: number): Promise<Sweeps> {
  const swept = scored.flatMap((one) => {
    const at = sweptHook(one, sources.fitting);
    return at === undefined ? [] : [{ ...one, at }];
  });
  if (swept.length === 0) return { sweeps: [], unfinished: [] };
  const bench = await openBench(sources, time);
  const made: ParameterSweep[] = [];
  const unfinished: string[] = [];
  for (const one of swept) {
    const { parameter, values } = hookOf(one).definition.sweep!;
    const what = `the sweep of "${one.detector.name}" over ${parameter}`;
    const [found] = await unlessItFails(what, async () => [await sweepOf(one, bench)], sources);
    if (!found) continue;
    if (found.settings.length > 0) made.push(found);
    if (found.settings.length < values.length)
      unfinished.push(`${what}, which has ${found.settings.length} of ${values.length} values`);
  }
  return { sweeps: made, unfinished };
}

interface SweptDetector extends ScoredDetector {
  /** Which of its hooks is swept. */
  readonly at: number;
}

const hookOf = ({ detector: { hooks }, at }: SweptDetector) => hooks[at]!;

/** The first hook that declares a sweep, if nothing behind it learns or looks at images, and it has what it learns from. */
function sweptHook(
  { detector: { hooks, scorer }, fitted }: ScoredDetector,
  { set, stages }: Fitting,
): number | undefined {
  const at = hooks.findIndex(({ definition }) => definition.sweep);
  const learns = ({ definition, params }: Part<Pick<HookDefinition, 'fit'>>) => definition.fit?.(params) !== undefined;
  if (at === -1 || [...hooks.slice(at + 1), scorer].some(learns)) return undefined;
  if (planScores([fitted], stages).onImages.size > 0) return undefined;
  return set || !hooks[at]!.definition.fit ? at : undefined;
}

/** What sweeps are computed from. */
interface Bench {
  readonly fitting: Fitting;
  readonly id: string;
  /** The ID set, then the OOD sets; at most so many images of each. */
  readonly sets: ReadonlyMap<string, ImageRows>;
  readonly isCut: boolean;
  readonly metrics: ReportSources['experiment']['metrics'];
  readonly entries: Entries;
  readonly isTimeUp: () => boolean;
}

async function openBench(sources: ReportSources, time: number): Promise<Bench> {
  const { experiment, sets, fitting, clock } = sources;
  const end = clock.now() + time;
  const sample = (name: string) => sampleRows(sets.get(name)!, sweptImages);
  const sampled = new Map<string, ImageRows>();
  for (const name of [experiment.id, ...experiment.ood]) sampled.set(name, await sample(name));
  return {
    fitting: { ...fitting, set: experiment.fit === undefined ? undefined : await sample(experiment.fit) },
    id: experiment.id,
    sets: sampled,
    isCut: [...sets.values()].some(({ images }) => images.length > sweptImages),
    metrics: experiment.metrics,
    entries: new Entries(sources),
    isTimeUp: () => clock.now() > end,
  };
}

async function sweepOf(one: SweptDetector, bench: Bench): Promise<ParameterSweep> {
  const { definition, params } = hookOf(one);
  const { parameter, values } = definition.sweep!;
  const found = new Map<number, Scores>();
  for (const value of values) {
    const scores = await scoresAt(value, one, bench);
    if (scores) found.set(value, scores);
  }
  const ood = [...bench.sets.keys()].slice(1);
  const sets = ood.map((name) => {
    const curves = [...found.values()].map((scores) => curveOf(scores.get(bench.id)!, scores.get(name)!));
    const measured = bench.metrics.map((metric) => [metric.name, rounded(curves.map(metric.value))] as const);
    return { ood: name, values: Object.fromEntries(measured) };
  });
  const chosen = await chosenValue(one, definition.sweep!, params, bench);
  return {
    detector: one.detector.name,
    parameter,
    settings: [...found.keys()],
    ...(chosen !== undefined && { chosen }),
    ...(bench.isCut && { imagesPerSet: sweptImages }),
    sets,
  };
}

/** Scores by the name of the set, in the order of its images. */
type Scores = ReadonlyMap<string, Float32Array>;

const scoresSchema = z.array(z.base64());

/** The scores with one value: those that are kept, else computed and kept; undefined when there is no time for that. */
async function scoresAt(value: number, one: SweptDetector, bench: Bench): Promise<Scores | undefined> {
  const { fitting, sets, entries } = bench;
  fitting.signal.throwIfAborted();
  const hook = hookWith(value, hookOf(one));
  const key = keyOf(hook, one, bench);
  const known = await entries.readJson(key, scoresSchema);
  if (known) return new Map([...sets.keys()].map((name, index) => [name, floatsOf(known[index]!)]));
  if (bench.isTimeUp()) return undefined;
  const scores = await computed(hook, one, bench);
  const texts = [...scores.values()].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  );
  await entries.writeJson(key, texts);
  return scores;
}

const floatsOf = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

function hookWith(value: number, hook: Part<HookDefinition>): Part<HookDefinition> {
  const { parameter, set } = hook.definition.sweep!;
  const wanted = set ? set(hook.params, value) : { ...hook.params, [parameter]: value };
  const { data, error } = hook.definition.params.safeParse(wanted);
  if (data) return { ...hook, params: data };
  throw new Error(
    `${hook.definition.name} refuses ${parameter}: ${value}, which it declares: ${z.prettifyError(error)}`,
  );
}

function keyOf(hook: Part<HookDefinition>, { detector: { hooks, scorer }, at }: SweptDetector, bench: Bench): string {
  const { extraction, set } = bench.fitting;
  const parts = [...hooks.with(at, hook), scorer];
  const named = parts.map(({ origin, definition, params }) => [origin, definition.name, params]);
  const sets = [...bench.sets.values()].map(({ fingerprint }) => fingerprint);
  return `sweeps/${hashData([extraction, set?.fingerprint, sets, named])}.json`;
}

async function computed(
  { definition, params }: Part<HookDefinition>,
  { fitted, at }: SweptDetector,
  { fitting, sets }: Bench,
): Promise<Scores> {
  const before = fitted.hooks.slice(0, at);
  const fit = definition.fit?.(params);
  const learnt: Learnt = fit ? await learnPart({ definition, params }, fit, before, fitting) : {};
  const varied: FittedDetector = { ...fitted, hooks: fitted.hooks.with(at, { definition, params, learnt }) };
  const plan = planScores([varied], fitting.stages);
  refuseFailed(plan);
  const scoring = await openScoring([varied], plan.onFeatures, fitting.stages);
  try {
    refuseFailed(scoring);
    const scores = new Map<string, Float32Array>();
    for (const [name, set] of sets) {
      const scored = await scoreDataset(set, scoring.session, scoring.detectors, fitting.signal);
      refuseFailed(scored);
      scores.set(name, scored.scores.get(varied.name)!);
    }
    return scores;
  } finally {
    await scoring.session.release();
  }
}

function refuseFailed({ failed: [first] }: Pick<DatasetScores, 'failed'>): void {
  if (first) throw new FaroutError('OOD_DETECTOR_FAILED', first.message);
}

/** Where the detector itself stands on the axis of the sweep, if its hook says so. */
async function chosenValue(
  { fitted, at }: SweptDetector,
  { chosen }: HookSweep,
  params: TraceablePart<HookDefinition>['params'],
  { fitting: { stages, set, signal } }: Bench,
): Promise<number | undefined> {
  if (!chosen || !set) return undefined;
  const lens = await openLens(stages, fitted.hooks.slice(0, at), ['features']);
  try {
    return await settled(Promise.resolve(chosen(params, fitRows(set, ['features'], lens.seeThrough))), signal);
  } finally {
    await lens.close();
  }
}
