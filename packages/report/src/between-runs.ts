import { averageOfSets, printable, type RunResults } from '@farout/core';
import {
  aurocParts,
  differenceVariance,
  groupCount,
  groupNumbers,
  holm,
  meanOfParts,
  reach,
  twoSidedP,
  type AurocParts,
  type Groups,
} from '@farout/statistics';
import type { SavedScores } from './saved-scores.ts';
import type { Style } from './terminal.ts';

/** A run with its scores, if they are available. */
export interface ScoredRun {
  readonly name: string;
  readonly results: RunResults;
  readonly scores?: SavedScores['scores'] | undefined;
  readonly groups?: SavedScores['groups'] | undefined;
}

/** The difference between the AUROCs of a detector in two runs, on the same images. All numbers are fractions. */
export interface RunDifference {
  readonly detector: string;
  /** The run compared with the baseline. */
  readonly run: string;
  /** The name of a set, or `average`. */
  readonly ood: string;
  /** Positive if `run` has the larger AUROC. */
  readonly difference: number;
  /** By DeLong, at 95 %; absent if both rank all images identically. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** Two-sided p value of a paired test. */
  readonly p: number;
  /** The p value Holm-adjusted over the whole list. */
  readonly adjusted: number;
}

/** The tests between runs, and one sentence for each comparison that could not be tested. */
export interface BetweenRuns {
  readonly baseline: string;
  /** Whether some images share a source and are treated as one unit. */
  readonly isGrouped: boolean;
  readonly tested: readonly RunDifference[];
  readonly untested: readonly string[];
}

/** With fewer images in a set, the standard error of an AUROC is too uncertain for a test. */
const fewestImages = 30;

/**
 * Compares the first run with each other run: the AUROC of every detector they share, on the images they share. It compares the average if
 * the runs have the same OOD sets, otherwise each shared set. Numbers over several seeds are skipped, because scores.csv holds one seed.
 */
export function betweenRuns([baseline, ...others]: readonly ScoredRun[]): BetweenRuns {
  const found = baseline ? others.map((run) => compareWith(baseline, run)) : [];
  const rows = found.flatMap(({ rows: own }) => own);
  const adjusted = holm(rows.map(({ p }) => p));
  return {
    baseline: baseline?.name ?? '',
    isGrouped: found.some((each) => each.isGrouped),
    tested: rows.map((row, at) => ({ ...row, adjusted: adjusted[at]! })),
    untested: found.flatMap(({ words }) => words),
  };
}

/** The tests as text for a terminal: one line per detector, run and set, then what the tests mean. */
export function drawBetween({ baseline, tested, isGrouped }: BetweenRuns, style: Style): string {
  const cells = tested.map((row) => [
    row.detector,
    row.run,
    row.ood,
    points(row.difference),
    intervalOf(row),
    ...pOf(row),
  ]);
  const heads = ['detector', 'run', 'OOD', 'difference', '95 %', 'p', 'Holm'];
  const rows = [heads, ...cells].map((row) => row.map(printable));
  const widths = heads.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
  const title = `AUROC minus that of ${printable(baseline)}, in points, on the same images`;
  const note =
    `Paired DeLong tests; p values Holm-adjusted over the ${tested.length} in this list. ` +
    'They say what to expect from other images of the same sets. ' +
    'They say nothing about other sets, or about networks and detectors that are retrained or refitted. ' +
    `They treat ${isGrouped ? 'images of one source as one unit' : 'images as independent'}.`;
  return [style.bold(title), ...lines.map((line) => `  ${line}`), style.dim(note)].join('\n');
}

const points = (fraction: number) => (fraction > 0 ? '+' : '') + (100 * fraction).toFixed(2);

const intervalOf = ({ interval }: RunDifference) =>
  interval ? `${points(interval.low)} to ${points(interval.high)}` : 'same ranking';

const pOf = ({ p, adjusted }: RunDifference) =>
  [p, adjusted].map((value) => (value < smallestShown ? `< ${smallestShown}` : value.toFixed(4)));
const smallestShown = 0.0001;

type Row = Omit<RunDifference, 'adjusted'>;

/** The result for one pair of runs. */
interface Compared {
  readonly rows: readonly Row[];
  readonly words: readonly string[];
  readonly isGrouped: boolean;
}

function compareWith(baseline: ScoredRun, run: ScoredRun): Compared {
  const pair = `Differences between ${baseline.name} and ${run.name} are not tested`;
  const none = (why: string): Compared => ({ rows: [], words: [`${pair}: ${why}`], isGrouped: false });
  const lacking = [baseline, run].find(({ scores }) => !scores);
  if (lacking) return none(`${lacking.name} has no readable scores.csv.`);
  if (printsOf(baseline, 'id').join() !== printsOf(run, 'id').join()) return none('their ID images differ.');
  const common = setsOf(baseline, 'ood').filter(
    ([name, { fingerprint }]) => run.results.datasets[name]?.fingerprint === fingerprint,
  );
  const sets = common.map(([name]) => name).filter((name) => isOod(run, name));
  if (sets.length === 0) return none('they share no OOD set with the same images.');
  const idUnits = unitsOf([baseline, run], idSetsOf(baseline));
  const units = new Map(sets.map((name) => [name, unitsOf([baseline, run], [name])]));
  const apart = idUnits ? sets.filter((name) => !units.get(name)) : ['the ID images'];
  const { large, words } = withoutSmall(sets, idUnits, units, pair);
  if (apart.length > 0) words.push(`${pair} on ${apart.join(', ')}: they group the images differently.`);
  const isWhole = [baseline, run].every((each) => setsOf(each, 'ood').length === large.length);
  const detectors = detectorsOf(baseline).filter((name) => detectorsOf(run).includes(name));
  const drawn = detectors.filter((name) => [baseline, run].some((each) => isOverSeeds(each, name)));
  if (drawn.length > 0) words.push(`${pair} for ${drawn.join(', ')}: the numbers are means over seeds.`);
  const rows = detectors
    .filter((name) => !drawn.includes(name))
    .flatMap((detector) => {
      const [own, other] = [baseline, run].map((each) => partsOf(each, detector, large, { id: idUnits, ood: units }));
      if (!own || !other || !own.every((parts, at) => areOfSameImages(parts, other[at]!))) return [];
      const tested = isWhole && large.length > 1 ? [averageOfSets] : large;
      return tested.map((ood, at) => {
        const [from, to] =
          ood === averageOfSets ? [meanOfParts(own), meanOfParts(other)] : ([own[at]!, other[at]!] as const);
        return { detector, run: run.name, ood, ...differenceOf(from, to) };
      });
    });
  const isGrouped = [idUnits, ...large.map((name) => units.get(name))].some((each) => each?.groups);
  return { rows, words, isGrouped };
}

/** The units of statistical independence in a set: single images, or groups of images. */
interface Units {
  readonly count: number;
  /** The group of each image; absent if every image is independent. */
  readonly groups?: Int32Array;
}

/** The units of the shared images, by the groups that one or both runs give; undefined if the two runs group them differently. */
function unitsOf(runs: readonly ScoredRun[], sets: readonly string[]): Units | undefined {
  const [own, other] = runs.map(({ groups, scores }) =>
    sets.flatMap((name) => groups?.get(name) ?? new Array<undefined>(imagesIn(scores!, name)).fill(undefined)),
  ) as [(string | undefined)[], (string | undefined)[]];
  const said = [own, other].filter((names) => names.some((name) => name !== undefined));
  if (said.length === 0) return { count: own.length };
  const [first, second] = said.map(groupNumbers);
  if (second && first!.join() !== second.join()) return undefined;
  return { count: groupCount(first!), groups: first! };
}

const imagesIn = (scores: SavedScores['scores'], name: string) =>
  [...(scores.get(name)?.values() ?? [])][0]?.length ?? 0;

/** The sets with enough images, if there are enough ID images, and a sentence about the others. Omits sets whose units are unknown. */
function withoutSmall(
  sets: readonly string[],
  id: Units | undefined,
  units: ReadonlyMap<string, Units | undefined>,
  pair: string,
): { large: string[]; words: string[] } {
  const isSmall = (each: Units | undefined) => each !== undefined && each.count < fewestImages;
  const small = isSmall(id) ? ['the ID images'] : sets.filter((name) => isSmall(units.get(name)));
  const isGrouped = [id, ...units.values()].some((each) => each?.groups);
  const counting = isGrouped ? ', counting images of one source as one' : '';
  const words =
    small.length > 0 ? [`${pair} on ${small.join(', ')}: fewer than ${fewestImages} images${counting}.`] : [];
  const large = !id || isSmall(id) ? [] : sets.filter((name) => units.get(name) && !small.includes(name));
  return { large, words };
}

/** The parts of the AUROC on each set; undefined if the detector lacks scores. */
function partsOf(
  run: ScoredRun,
  detector: string,
  sets: readonly string[],
  units: { readonly id: Units | undefined; readonly ood: ReadonlyMap<string, Units | undefined> },
): AurocParts[] | undefined {
  const scoresOf = (name: string) => run.scores!.get(name)?.get(detector);
  const id = idSetsOf(run).map(scoresOf);
  const ood = sets.map(scoresOf);
  if (![...id, ...ood].every((scores) => scores !== undefined)) return undefined;
  const joined = Float32Array.from(id.flatMap((scores) => [...scores!]));
  return ood.map((scores, at) => aurocParts(joined, scores!, groupsOf(units.id, units.ood.get(sets[at]!))));
}

const groupsOf = (id: Units | undefined, ood: Units | undefined): Groups => ({
  ...(id?.groups && { id: id.groups }),
  ...(ood?.groups && { ood: ood.groups }),
});

function differenceOf(from: AurocParts, to: AurocParts): Pick<RunDifference, 'difference' | 'interval' | 'p'> {
  const [difference, error] = [to.value - from.value, Math.sqrt(differenceVariance(from, to))];
  const half = reach(0.95) * error;
  const interval = { low: Math.max(difference - half, -1), high: Math.min(difference + half, 1) };
  return { difference, p: twoSidedP(difference, error), ...(error > 0 && { interval }) };
}

/** The counts differ only if a scores.csv was modified. */
const areOfSameImages = (one: AurocParts, other: AurocParts) =>
  one.id.length === other.id.length && one.ood[0]!.length === other.ood[0]!.length;

const setsOf = ({ results }: ScoredRun, role: 'id' | 'ood') =>
  Object.entries(results.datasets).filter(([, { roles }]) => roles.includes(role));
const idSetsOf = (run: ScoredRun) => setsOf(run, 'id').map(([name]) => name);
const printsOf = (run: ScoredRun, role: 'id' | 'ood') => setsOf(run, role).map(([, { fingerprint }]) => fingerprint);
const isOod = ({ results }: ScoredRun, name: string) => results.datasets[name]!.roles.includes('ood');
const detectorsOf = ({ results }: ScoredRun) => Object.keys(results.thresholds);
const isOverSeeds = ({ results }: ScoredRun, name: string) =>
  results.results.some(({ detector, seeds }) => detector === name && seeds !== undefined);
