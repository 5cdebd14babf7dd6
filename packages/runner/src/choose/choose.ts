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

/** What came of choosing parameters. */
export interface Choice {
  /** The experiment as it is tested: in the place of a sweep its chosen point, unless all points are shown. */
  readonly experiment: Experiment;
  readonly chosen: Readonly<Record<string, ChosenParameters>>;
  /** Detectors of which no point could be judged. */
  readonly failed: readonly FailedDetector[];
  /** What the points were judged on, and learnt from. */
  readonly sets: ReadonlyMap<string, ImageSet>;
  /** How many images each pass has decoded. */
  readonly passes: readonly number[];
  /** What the reader of the numbers must know, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Judges every point of every sweep on the sets that `select` names, and chooses the best of each detector. Of the sets that detectors
 * are tested on nothing is read. An experiment without `select` is left as it is.
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
    // What was chosen on what, tables say of themselves.
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

/** The experiment in which points are judged: its sets in the place of those that detectors are tested on. */
export const judgedExperiment = (experiment: Experiment, { id, ood, by }: Selection): Experiment => ({
  ...experiment,
  id,
  ood,
  groups: {},
  detectors: experiment.detectors.filter(({ point }) => point),
  metrics: [by],
});

/** What every point of the sweeps is worth, by its name, in the mean over the seeds where it draws; of one that failed, why. */
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

/** Those that points are judged on and learn from. */
function judgedDatasets(
  { id, ood, fit, detectors }: Experiment,
  { datasets }: PreparationSources,
): ReadonlyMap<string, ListedDataset> {
  const learnt = detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer]).flatMap((part) => setsOf(part, fit));
  return new Map([...new Set([...id, ...learnt, ...ood])].map((name) => [name, datasets.get(name)!]));
}

/** The points of each detector that has a sweep, by what the experiment calls it. */
function sweepsOf({ detectors }: Pick<Experiment, 'detectors'>): ReadonlyMap<string, readonly Detector[]> {
  const names = new Set(detectors.flatMap(({ point }) => point?.of ?? []));
  return new Map([...names].map((name) => [name, detectors.filter(({ point }) => point?.of === name)]));
}

/** A point as if the experiment had given its values alone. */
const asWritten = ({ hooks, scorer }: Detector, name: string): Detector => ({ name, hooks, scorer });

/** The detectors to be tested, in their order; `chosen` are those that have been chosen, by the detector whose point each is. */
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
