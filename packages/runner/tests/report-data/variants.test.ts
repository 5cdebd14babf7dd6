import { describe, expect, it } from '@jest/globals';
import { defineScorer, remembers, scoresFrom, type FinishedDetector, type PartSection } from '@farout/core';
import {
  clip,
  costly,
  featuresFrom,
  hook,
  levels,
  levelsIn,
  maxLogit,
  needle,
  params,
  plain,
  prepareRuns,
  run,
  shownIn,
  told,
} from '../fixtures/paged-parts.ts';
import { detector, featuresOf, headBias, headWeight, overlap, part } from '../fixtures/tiny.ts';

prepareRuns();

const maxLogitOf = (h: number[]) =>
  Math.max(...[0, 1].map((k) => headBias[k]! + h.reduce((sum, value, d) => sum + value * headWeight[3 * k + d]!, 0)));

describe('a detector with other parameters of a part', () => {
  it('has the metrics of scores that plain loops give', async () => {
    const [[, measured]] = levelsIn(await run([detector('A', maxLogit, [hook(clip)])])) as [
      readonly [unknown, unknown],
    ];
    const scoreAt = (level: number) => (h: number[]) => maxLogitOf(h.map((value) => Math.min(value, level / 100)));
    const expected = [10, 20, 30, 40].map((level) => {
      const lowest = Math.min(...featuresFrom(0, 4).map(scoreAt(level)));
      const above = featuresFrom(4, 4 + told.ood.length).filter((h) => scoreAt(level)(h) > lowest + 1e-6);
      return [level, { outside: { [overlap.name]: above.length / told.ood.length } }];
    });
    expect(measured).toEqual(expected);
    expect(told.fits).toEqual({ clip: 1 + 4 });
  });

  it('lets the part alone learn again: there is none where one behind it learns, or the scorer looks at images', async () => {
    const data = await run([
      detector('Before', maxLogit, [hook(plain), hook(clip)]),
      detector('Behind', costly, [hook(clip)]),
      detector('Between', maxLogit, [hook(clip), hook(plain)]),
      detector('Image', needle, [hook(clip)]),
    ]);
    expect(levelsIn(data).map(([detectors]) => detectors)).toEqual([['Before']]);
    expect(told.fits).toEqual({ plain: 2, costly: 1, clip: 3 + 4 - 1 });
    expect(told.warnings).toEqual([]);
  });

  it('is kept: the same run again told.fits nothing', async () => {
    const detectors = [detector('A', maxLogit, [hook(clip)])];
    const data = await run(detectors);
    told.fits = {};
    expect(await run(detectors)).toEqual(data);
    expect(told.fits).toEqual({});
  });

  it('is a scorer over rows too, which finds its bank', async () => {
    const nearest = defineScorer({
      name: 'nearest',
      params,
      fit: () => remembers(['features']),
      sections: [levels],
      rows: ({ level }) =>
        scoresFrom(['features'], async ({ bank }) => {
          let first = NaN;
          for await (const { features } of bank) first = (features as { data: Float32Array }).data[0]!;
          return ({ features: { data, shape } }) =>
            Float32Array.from({ length: shape[0] }, (_, row) => -level * Math.abs(data[row * shape[1]]! - first));
        }),
    });
    const experiment = [{ ...detector('A', nearest), scorer: part(nearest, { level: 50 } as never) }];
    const [[, measured]] = levelsIn(await run(experiment, {}, { allowOverlap: true })) as [
      readonly [unknown, [number, unknown][]],
    ];
    const first = featuresOf(0)[0]!;
    const scores = (from: number, to: number) => featuresFrom(from, to).map(([h]) => -Math.abs(h! - first));
    const lowest = Math.min(...scores(0, 4));
    const share = scores(4, 4 + told.ood.length).filter((score) => score > lowest + 1e-6).length / told.ood.length;
    expect(measured).toEqual([10, 20, 30, 40].map((level) => [level, { outside: { [overlap.name]: share } }]));
    expect(told.warnings).toEqual([]);
  });

  it('may be refused: by the part that does not take the parameters, and by readings that the store does not have', async () => {
    const tries = (wanted: number): PartSection<typeof params> => ({
      of: 'detector',
      title: 'Tries',
      blocks: async (_, { with: other }: FinishedDetector) => [
        { text: JSON.stringify(await other!({ level: wanted })) },
      ],
    });
    const reading = (wanted: number) =>
      defineScorer({
        name: 'reading',
        params,
        readings: ({ image }, { level }) => ({
          light: image.mean([1, 2, 3], { keepDims: false }).mul(level).unsqueeze([1]),
        }),
        sections: [tries(wanted)],
        rows: () =>
          scoresFrom(
            ['light'],
            () =>
              ({ light }) =>
                light.data.slice(),
          ),
      });
    const of = (name: string, wanted: number) => {
      const scorer = reading(wanted);
      return { ...detector(name, scorer), scorer: part(scorer, { level: 50 } as never) };
    };
    const data = await run([of('Same', 50), of('Other', 60), of('Wrong', 101)]);
    expect(shownIn(data, 'Tries').map(({ detectors }) => detectors)).toEqual([['Same']]);
    expect(told.warnings).toEqual([
      'The report lacks the section "Tries" of "Other": reading needs different readings with these parameters',
      expect.stringMatching(
        /^The report lacks the section "Tries" of "Wrong": reading rejects the parameters: .*level/s,
      ),
    ]);
  });

  it('ends when its time is up, says so, and goes on from there in the next run', async () => {
    const detectors = [detector('A', maxLogit, [hook(clip)])];
    told.fitTakes = 20_000;
    const data = await run(detectors);
    expect(levelsIn(data)[0]![1].map(([level]) => level)).toEqual([10, 20]);
    expect(data!.unfinished).toEqual(['"Levels" of "A", which lacks 2 of 4 values']);
    expect(shownIn(data, 'Levels')[0]!.blocks.at(-1)).toEqual({
      note: 'Cut short: it lacks 2 of 4 values. Run farout report for the rest.',
    });
    expect(told.warnings).toEqual([
      expect.stringMatching(/^The report has only a part of "Levels" of "A", .*farout report/),
    ]);
    const later = await run(detectors);
    expect(levelsIn(later)[0]![1].map(([level]) => level)).toEqual([10, 20, 30, 40]);
    expect(later!.unfinished).toBeUndefined();
  });
});
