import { FaroutError, sweep, type MetricDefinition, type PercentileSweep } from '@farout/core';
import type { Detector } from '../experiment.ts';
import type { FeatureRows } from '../extraction/feature-set.ts';
import { fitDetector, type Fitting } from '../fit/fit-detector.ts';
import type { FittedDetector } from '../fit/fitted.ts';
import { openLens } from '../fit/lens.ts';
import { planScores } from '../score/plan.ts';
import { scoreDataset, type DatasetScores } from '../score/score-dataset.ts';
import { openScoring } from '../score/scoring.ts';
import { hookThreshold } from './hook-threshold.ts';
import { percentileVariants } from './percentile-variants.ts';
import { rounded } from './rounded.ts';

/** Close where c is usually chosen. */
const percentiles = [...Array.from({ length: 19 }, (_, step) => 5 * (step + 1)), 97.5, 99, 100];

/** What a sweep over percentiles is computed from. */
export interface SweepSources {
  /** The fit set is undefined where the experiment has none. */
  readonly fitting: Fitting;
  readonly id: FeatureRows;
  readonly ood: ReadonlyMap<string, FeatureRows>;
  readonly metrics: readonly MetricDefinition[];
  readonly signal: AbortSignal;
}

/**
 * A detector fitted and scored once for every percentile, all in one graph over the stored features. Undefined where
 * there is nothing to sweep: no fit set, no hook with a percentile, or a detector that looks at images.
 *
 * @throws FaroutError of the first percentile that comes to no scores.
 */
export async function percentileSweep(
  detector: Detector,
  fitted: FittedDetector,
  sources: SweepSources,
): Promise<Omit<PercentileSweep, 'imagesPerSet'> | undefined> {
  const { fitting, ood, metrics } = sources;
  const variants = fitting.set && percentileVariants(detector, percentiles);
  if (!variants) return undefined;
  const scores = await scoreVariants(variants.detectors, sources);
  if (!scores) return undefined;
  const sets = [...ood.keys()].map((name) => {
    const swept = percentiles.map((p) =>
      sweep(scores.id.scores.get(String(p))!, scores.ood.get(name)!.scores.get(String(p))!),
    );
    const values = metrics.map((metric) => [metric.name, rounded(swept.map(metric.value))] as const);
    return { ood: name, values: Object.fromEntries(values) };
  });
  const chosen = await shareBelowThreshold(fitted, variants.hook, sources);
  return { detector: detector.name, percentiles, ...(chosen !== undefined && { chosen }), sets };
}

interface VariantScores {
  readonly id: DatasetScores;
  readonly ood: ReadonlyMap<string, DatasetScores>;
}

async function scoreVariants(
  detectors: readonly Detector[],
  { fitting, id, ood, signal }: SweepSources,
): Promise<VariantScores | undefined> {
  const fitted: FittedDetector[] = [];
  for (const detector of detectors) {
    signal.throwIfAborted();
    fitted.push(await fitDetector(detector, fitting));
  }
  const plan = planScores(fitted, fitting.stages);
  refuseFailed(plan);
  if (plan.onImages.size > 0) return undefined;
  const scoring = await openScoring(fitted, plan.onFeatures, fitting.stages);
  try {
    refuseFailed(scoring);
    const scored = async (set: FeatureRows) => {
      const scores = await scoreDataset(set, scoring.session, scoring.detectors, signal);
      refuseFailed(scores);
      return scores;
    };
    const scores = { id: await scored(id), ood: new Map<string, DatasetScores>() };
    for (const [name, set] of ood) scores.ood.set(name, await scored(set));
    return scores;
  } finally {
    await scoring.session.release();
  }
}

function refuseFailed({ failed: [first] }: Pick<DatasetScores, 'failed'>): void {
  if (first) throw new FaroutError('OOD_DETECTOR_FAILED', `at the percentile ${first.detector}: ${first.message}`);
}

/** The percent of the fit set's activations, as the hook sees them, that its threshold leaves as they are. */
async function shareBelowThreshold(
  { hooks }: FittedDetector,
  index: number,
  { fitting: { stages, set } }: SweepSources,
): Promise<number | undefined> {
  const c = hookThreshold([hooks[index]!]);
  if (c === undefined) return undefined;
  const lens = await openLens(stages, hooks.slice(0, index), ['features']);
  let [below, all] = [0, 0];
  try {
    for await (const { features: bare } of set!.rows()) {
      const { features } = await lens.seeThrough(bare);
      for (const activation of features.data) if (activation <= c) below++;
      all += features.data.length;
    }
  } finally {
    await lens.close();
  }
  return Number(((100 * below) / all).toFixed(1));
}
