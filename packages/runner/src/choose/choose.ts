import { averageOfSets, type ChosenParameters, type FailedDetector, type Logger } from '@farout/core';
import { setsOf, showsAll, type Detector, type Experiment, type Selection } from '../experiment.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import { overlapSentence } from '../extraction/overlaps.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import { prepareDetectors, type PreparationSources } from '../prepare-detectors.ts';
import { evaluate, joinScores } from '../evaluate/evaluate.ts';
import { Seeds, withSeeds } from '../evaluate/seeds.ts';
import { KeptScores } from '../score/kept.ts';
import { score } from '../score/score.ts';
import { Entries } from '../store/entries.ts';
import { chosenParameters, choiceSentence, testSetRemarks } from './chosen.ts';
import { pickPoint, type JudgedPoint } from './pick-point.ts';

/** The outcome of choosing parameters. */
export interface Choice {
  /** The experiment to be tested: each sweep replaced by its chosen point, unless all points are shown. */
  readonly experiment: Experiment;
  readonly chosen: Readonly<Record<string, ChosenParameters>>;
  /** Detectors for which no point could be judged. */
  readonly failed: readonly FailedDetector[];
  /** The sets that points were judged on, and learnt from. */
  readonly sets: ReadonlyMap<string, ImageSet>;
  /** How many images each pass has decoded. */
  readonly passes: readonly number[];
  /** What readers of the numbers must know, one sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Judges every point of every sweep on the sets that `select` names, and chooses the best one for each detector.
 * Reads nothing of the sets that detectors are tested on. An experiment without `select` is returned unchanged.
 */
export async function chooseParameters(sources: PreparationSources): Promise<Choice> {
  const { experiment } = sources;
  const { select } = experiment;
  if (!select) return { experiment, chosen: {}, failed: [], sets: new Map(), passes: [], remarks: [] };
  const { values, failed, ...judged } = await judge(select, sources);
  const chosen: [string, ChosenParameters][] = [];
  const lost: FailedDetector[] = [];
  const tested = new Map<string, Detector>();
  const told: string[] = [];
  for (const [name, detectors] of sweepsOf(experiment)) {
    const points = detectors.map((detector): JudgedPoint => ({ detector, value: values.get(detector.name) }));
    const pick = pickPoint(points, select.by.better);
    if (!pick) {
      const isPoint = ({ detector }: FailedDetector) => detectors.some((point) => point.name === detector);
      lost.push({ ...failed.find(isPoint)!, detector: name });
      continue;
    }
    const best = pick.best.detector;
    const row = showsAll(name, select) ? best : asWritten(best, name);
    const found = chosenParameters({ row: row.name, points, pick }, { ...experiment, select });
    tested.set(name, row);
    chosen.push([name, found]);
    const isPlain = found.tied === undefined && found.points.every(({ value }) => value !== null);
    // The tables themselves show what was chosen on what.
    if (!isPlain) told.push(choiceSentence(name, found, pick.best));
  }
  return {
    experiment: { ...experiment, detectors: testedDetectors(experiment, tested) },
    chosen: Object.fromEntries(chosen),
    failed: lost,
    ...judged,
    remarks: [...testSetRemarks(experiment), ...judged.remarks, ...told],
  };
}

/** The experiment in which points are judged: the sets of `select` replace those that detectors are tested on. */
export const judgedExperiment = (experiment: Experiment, { id, ood, by }: Selection): Experiment => ({
  ...experiment,
  id,
  ood,
  groups: {},
  detectors: experiment.detectors.filter(({ point }) => point),
  metrics: [by],
});

/** The value of every point by name (the mean over the seeds, if it draws at random); for points that failed, the reason. */
async function judge(select: Selection, sources: PreparationSources) {
  const { services, watch, signal } = sources;
  const experiment = judgedExperiment(sources.experiment, select);
  const logger = telling(services.logger);
  const datasets = judgedDatasets(experiment, sources);
  const prepared = await prepareDetectors({ ...sources, experiment, datasets, services: { ...services, logger } });
  const { sets, fitting, fitted, common, passes } = prepared;
  const compared = new Map([...select.id, ...select.ood].map((name) => [name, sets.get(name)!]));
  const kept = new KeptScores(new Entries(services));
  const { scores, failed } = await watch.time('score', () => score(fitted, compared, { ...fitting, kept }));
  const seeds = new Seeds(experiment);
  const names = withSeeds(experiment).map(({ name }) => name);
  const id = joinScores(select.id, scores);
  const ood = new Map(select.ood.map((name) => [name, scores.get(name)!]));
  signal.throwIfAborted();
  const found = await watch.time('evaluate', () => seeds.means(evaluate(names, id, ood, [select.by])));
  const means = found.results.filter((result) => result.ood === averageOfSets);
  return {
    values: new Map(means.map(({ detector, value }) => [detector, value])),
    failed: [...seeds.failures([...prepared.failed, ...failed]), ...found.failed],
    sets,
    passes,
    remarks: common.overlaps.map((overlap) => `${prefix}${overlapSentence(overlap).slice(0, -1)}`),
  };
}

const prefix = 'While choosing parameters: ';

const telling = ({ info, warn }: Logger): Logger => ({
  info: (message) => info(`${prefix}${message}`),
  warn: (message) => warn(`${prefix}${message}`),
});

/** The datasets that points are judged on and learn from. */
function judgedDatasets(
  { id, ood, fit, detectors }: Experiment,
  { datasets }: PreparationSources,
): ReadonlyMap<string, ListedDataset> {
  const learnt = detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer]).flatMap((part) => setsOf(part, fit));
  return new Map([...new Set([...id, ...learnt, ...ood])].map((name) => [name, datasets.get(name)!]));
}

/** The points of each detector with a sweep, by the detector's name in the experiment. */
function sweepsOf({ detectors }: Pick<Experiment, 'detectors'>): ReadonlyMap<string, readonly Detector[]> {
  const names = new Set(detectors.flatMap(({ point }) => point?.of ?? []));
  return new Map([...names].map((name) => [name, detectors.filter(({ point }) => point?.of === name)]));
}

/** A point as if the experiment had given only its values. */
const asWritten = ({ hooks, scorer }: Detector, name: string): Detector => ({ name, hooks, scorer });

/** The detectors to be tested, in order. `chosen` maps each detector with a sweep to its chosen point. */
function testedDetectors({ detectors, select }: Experiment, chosen: ReadonlyMap<string, Detector>): Detector[] {
  const seen = new Set<string>();
  return detectors.flatMap((detector) => {
    const { point } = detector;
    if (!point) return [detector];
    if (!chosen.has(point.of)) return [];
    if (showsAll(point.of, select)) return [detector];
    if (seen.has(point.of)) return [];
    seen.add(point.of);
    return [chosen.get(point.of)!];
  });
}
