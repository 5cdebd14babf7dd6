import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { betweenRuns, type ScoredRun } from '../src/between-runs.ts';
import { compareRuns } from '../src/compare-runs.ts';
import { auroc, dataset, finishedRun, measured } from './finished-run.ts';

/** Numbers that look random, a fixed multiple apart. */
const wave = (count: number, by: number, lift = 0) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(by * (at + 1)) + lift);

const print = (digit: string) => ({ fingerprint: digit.repeat(64) });

/** A run of 40 ID and two times 35 OOD images. */
function run(
  name: string,
  by: number,
  {
    sizes: [ids, oods] = [40, 35],
    ...change
  }: Partial<Pick<RunResults, 'datasets' | 'results'>> & { sizes?: [number, number] } = {},
) {
  const datasets = {
    photographs: { ...dataset('id', ids), ...print('1') },
    sun: { ...dataset('ood', oods), ...print('2') },
    textures: { ...dataset('ood', oods), ...print('3') },
  };
  const results = finishedRun({
    metrics: [auroc],
    results: measured('auroc', { MSP: { sun: 0.5, textures: 0.6, average: 0.55 }, Same: { sun: 0.5, textures: 0.5 } }),
    thresholds: { MSP: 0, Same: 0 },
    datasets,
    ...change,
  });
  const column = (count: number, lift: number) =>
    new Map([
      ['MSP', wave(count, by, lift)],
      ['Same', wave(count, 3, lift)],
    ]);
  const scores = new Map([
    ['photographs', column(ids, 0.8)],
    ['sun', column(oods, 0)],
    ['textures', column(oods, 0.3)],
  ]);
  return { name, results, scores } satisfies ScoredRun;
}

/** Images that both runs score: 1, ½ or 0 for each pair, whose means over rows and columns DeLong's variance is made of. */
const won = (id: number, ood: number) => (id > ood ? 1 : id === ood ? 0.5 : 0);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** The variance of the mean of values, of which those of one group come together. */
const varianceOfMean = (values: readonly number[], groups: readonly string[]) => {
  const mean = meanOf(values);
  const names = [...new Set(groups)];
  const sums = names.map((name) =>
    values.reduce((sum, value, at) => sum + (groups[at] === name ? value - mean : 0), 0),
  );
  return (names.length / (names.length - 1)) * (sums.reduce((sum, each) => sum + each ** 2, 0) / values.length ** 2);
};

/** DeLong's difference and standard error of the mean over sets, by plain loops over all pairs; with groups those of Obuchowski. */
function plainly(
  a: ScoredRun,
  b: ScoredRun,
  sets: readonly string[],
  groupsOf = (count: number) => Array.from({ length: count }, (_, at) => String(at)),
) {
  const of = ({ scores }: ScoredRun, set: string) => [...scores!.get(set)!.get('MSP')!];
  const [idA, idB] = [of(a, 'photographs'), of(b, 'photographs')];
  const byId = idA.map(() => 0);
  let [difference, variance] = [0, 0];
  for (const set of sets) {
    const [oodA, oodB] = [of(a, set), of(b, set)];
    const pairs = idA.map((_, i) => oodA.map((__, j) => won(idB[i]!, oodB[j]!) - won(idA[i]!, oodA[j]!)));
    difference += meanOf(pairs.map(meanOf)) / sets.length;
    for (const [i, row] of pairs.entries()) byId[i]! += meanOf(row) / sets.length;
    const byOod = oodA.map((_, j) => meanOf(pairs.map((row) => row[j]!)) / sets.length);
    variance += varianceOfMean(byOod, groupsOf(byOod.length));
  }
  return { difference, error: Math.sqrt(variance + varianceOfMean(byId, groupsOf(byId.length))) };
}

describe('betweenRuns', () => {
  it('tests the average that runs have in common by DeLong, as plain loops over all pairs do', () => {
    const [a, b] = [run('a', 1.7), run('b', 2.3)];
    const { tested, untested } = betweenRuns([a, b]);
    expect(untested).toEqual([]);
    const { difference, error } = plainly(a, b, ['sun', 'textures']);
    expect(tested.map(({ detector, ood }) => [detector, ood])).toEqual([
      ['MSP', 'average'],
      ['Same', 'average'],
    ]);
    expect(tested[0]!.difference).toBeCloseTo(difference, 10);
    expect(tested[0]!.interval!.low).toBeCloseTo(difference - 1.959963984540054 * error, 10);
    expect(tested[0]!.interval!.high).toBeCloseTo(difference + 1.959963984540054 * error, 10);
    expect(tested[0]!.adjusted).toBeCloseTo(Math.min(2 * tested[0]!.p, 1), 12);
  });

  it('says of two that rank all images alike that they do', () => {
    const [, same] = betweenRuns([run('a', 1.7), run('b', 2.3)]).tested;
    expect(same).toEqual({ detector: 'Same', run: 'b', ood: 'average', difference: 0, p: 1, adjusted: 1 });
  });

  it('tests each set where one of them is not the same images', () => {
    const [a, b] = [run('a', 1.7), run('b', 2.3)];
    const datasets = { ...b.results.datasets, textures: { ...dataset('ood', 35), ...print('9') } };
    const { tested } = betweenRuns([a, { ...b, results: { ...b.results, datasets } }]);
    expect(tested.map(({ ood }) => ood)).toEqual(['sun', 'sun']);
    const { difference, error } = plainly(a, b, ['sun']);
    expect(tested[0]!.difference).toBeCloseTo(difference, 10);
    expect(tested[0]!.interval!.low).toBeCloseTo(difference - 1.959963984540054 * error, 10);
  });

  it('compares every other run with the first, and adjusts over all of the list', () => {
    const { baseline, tested } = betweenRuns([run('a', 1.7), run('b', 2.3), run('c', 1.1)]);
    expect([baseline, tested.map(({ run: name }) => name)]).toEqual(['a', ['b', 'b', 'c', 'c']]);
    const smallest = tested.toSorted((one, other) => one.p - other.p)[0]!;
    expect(smallest.adjusted).toBeCloseTo(Math.min(4 * smallest.p, 1), 12);
  });

  it.each<[string, (b: ReturnType<typeof run>) => ScoredRun, string]>([
    [
      'other ID images',
      ({ results, ...b }) => ({
        ...b,
        results: {
          ...results,
          datasets: { ...results.datasets, photographs: { ...dataset('id', 40), ...print('8') } },
        },
      }),
      'Differences between a and b are not tested: their ID images differ.',
    ],
    [
      'no scores',
      (b) => ({ ...b, scores: undefined }),
      'Differences between a and b are not tested: b has no readable scores.csv.',
    ],
    [
      'no set in common',
      ({ results, ...b }) => ({
        ...b,
        results: { ...results, datasets: { photographs: results.datasets.photographs!, other: dataset('ood', 35) } },
      }),
      'Differences between a and b are not tested: they share no OOD set with the same images.',
    ],
  ])('has a word where there are %s', (_, changed, word) => {
    expect(betweenRuns([run('a', 1.7), changed(run('b', 2.3))])).toEqual({
      baseline: 'a',
      isGrouped: false,
      tested: [],
      untested: [word],
    });
  });

  /** Three images of each source, but for the last one. */
  const sources = (count: number) => Array.from({ length: count }, (_, at) => `source ${Math.floor(at / 3)}`);

  it('takes images of one source together, as plain loops over the sources do', () => {
    const [a, b] = [run('a', 1.7, { sizes: [121, 121] }), run('b', 2.3, { sizes: [121, 121] })];
    const groups = new Map([
      ['photographs', sources(121)],
      ['sun', sources(121)],
    ]);
    const only = (each: ReturnType<typeof run>): ScoredRun => {
      const { textures: _, ...datasets } = each.results.datasets;
      return { ...each, groups, results: { ...each.results, datasets } };
    };
    const { tested, isGrouped } = betweenRuns([only(a), only(b)]);
    const { difference, error } = plainly(a, b, ['sun'], sources);
    expect(isGrouped).toBe(true);
    expect(tested[0]!.difference).toBeCloseTo(difference, 10);
    expect(tested[0]!.interval!.high).toBeCloseTo(difference + 1.959963984540054 * error, 10);
    // One of two runs may be older, or have another list: the images are the same.
    const { groups: __, ...silent } = only(b);
    expect(betweenRuns([only(a), silent]).tested).toEqual(tested);
    expect(betweenRuns([silent, only(a)]).tested[0]!.p).toBeCloseTo(tested[0]!.p, 12);
  });

  it('has a word where two runs group the images differently', () => {
    const [a, b] = [run('a', 1.7), run('b', 2.3)];
    const grouped = (each: ReturnType<typeof run>, name: string, of: readonly string[]): ScoredRun => ({
      ...each,
      groups: new Map([[name, of]]),
    });
    const single = Array.from({ length: 40 }, (_, at) => `${Math.min(at, 34)}`);
    const other = single.toReversed();
    expect(betweenRuns([grouped(a, 'photographs', single), grouped(b, 'photographs', other)])).toMatchObject({
      tested: [],
      untested: ['Differences between a and b are not tested on the ID images: they group the images differently.'],
    });
    const [sun, otherSun] = [single, other].map((names) => names.slice(0, 35));
    const { tested, untested } = betweenRuns([grouped(a, 'sun', sun!), grouped(b, 'sun', otherSun!)]);
    expect(tested.map(({ ood }) => ood)).toEqual(['textures', 'textures']);
    expect(untested).toEqual(['Differences between a and b are not tested on sun: they group the images differently.']);
  });

  it('counts sources where it asks for images enough', () => {
    const groups = new Map([['sun', sources(35)]]);
    const { tested, untested } = betweenRuns([
      { ...run('a', 1.7), groups },
      { ...run('b', 2.3), groups },
    ]);
    expect(tested.map(({ ood }) => ood)).toEqual(['textures', 'textures']);
    expect(untested).toEqual([
      'Differences between a and b are not tested on sun: fewer than 30 images, counting images of one source as one.',
    ]);
  });

  it('tests neither small sets nor means over seeds, and says so', () => {
    const [a, b] = [run('a', 1.7), run('b', 2.3)];
    const few = new Map([
      ...a.scores,
      [
        'sun',
        new Map([
          ['MSP', wave(29, 1)],
          ['Same', wave(29, 2)],
        ]),
      ] as const,
    ]);
    const results = b.results.results.map((each) =>
      each.detector === 'MSP' ? { ...each, seeds: { count: 3, deviation: 0.1 } } : each,
    );
    const { tested, untested } = betweenRuns([
      { ...a, scores: few },
      { ...b, results: { ...b.results, results } },
    ]);
    expect(tested.map(({ detector, ood }) => [detector, ood])).toEqual([['Same', 'textures']]);
    expect(untested).toEqual([
      'Differences between a and b are not tested on sun: fewer than 30 images.',
      'Differences between a and b are not tested for MSP: the numbers are means over seeds.',
    ]);
  });
});

describe('compareRuns', () => {
  const plain = { colour: false, width: 100 };

  it('lists the tests below the tables, with what they say', () => {
    const text = compareRuns([run('a', 1.7), run('b', 2.3)], plain);
    expect(text).toMatch(/\nAUROC minus that of a, in points, on the same images\n {2}detector {2}run {2}OOD/);
    expect(text).toMatch(
      /\n {2}MSP {7}b {4}average {2}[+-]?\d+\.\d\d {2,}[+-]?\d+\.\d\d to [+-]?\d+\.\d\d {2}\d\.\d{4}/,
    );
    expect(text).toMatch(/\n {2}Same {6}b {4}average {2}0\.00 {8}same ranking {2,}1\.0000 {2}1\.0000\n/);
    expect(text).toContain(
      'Paired DeLong tests; p values Holm-adjusted over the 2 in this list. They say what to expect from other images',
    );
    expect(text).toContain('They treat images as independent.');
    const groups = new Map([['sun', Array.from({ length: 35 }, (_, at) => String(Math.min(at, 33)))]]);
    const grouped = compareRuns([{ ...run('a', 1.7), groups }, run('b', 2.3)], plain);
    expect(grouped).toContain('They treat images of one source as one unit.');
  });

  it('says nothing of tests where no run has scores', () => {
    const [a, b] = [run('a', 1.7), run('b', 2.3)].map((each) => ({ ...each, scores: undefined })) as [
      ScoredRun,
      ScoredRun,
    ];
    expect(compareRuns([a, b], plain)).not.toMatch(/tested|DeLong/);
  });
});
