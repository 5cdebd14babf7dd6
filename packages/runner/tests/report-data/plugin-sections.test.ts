import { expect, it } from '@jest/globals';
import type { FinishedScores } from '@farout/core';
import { pluginSections } from '../../src/report-data/collect-report-data.ts';
import type { ReportSources } from '../../src/report-data/sources.ts';

it('changes no result, whatever a section does to what it sees', async () => {
  const scores = (...values: number[]) => ({
    images: values.map((_, index) => ({ id: `${index}.png`, path: '' })),
    predicted: Int32Array.from(values),
    scores: new Map([['Max', Float32Array.from(values)]]),
    failed: [],
  });
  const sources = {
    experiment: { id: ['in'], ood: ['out'] },
    scores: new Map([
      ['in', scores(3, 1, 2)],
      ['out', scores(5, 4)],
    ]),
    logger: { info: () => undefined, warn: (sentence: string) => expect(sentence).toBe('') },
    signal: new AbortController().signal,
  } as unknown as ReportSources;
  const results = [{ detector: 'Max', ood: 'out', metric: 'auroc', value: 0 }];
  const evaluation = { results, thresholds: { Max: 1 }, constant: [], tied: {}, failed: [] };
  const greedy = ({ sets, results, thresholds }: FinishedScores) => {
    const said = JSON.stringify([[...sets.get('in')!.scores.get('Max')!], results.length, thresholds.Max]);
    sets.get('in')!.scores.get('Max')!.sort();
    (results as unknown[]).length = 0;
    delete (thresholds as Record<string, number>).Max;
    return [{ text: said }];
  };
  const sections = await pluginSections(
    [1, 2].map((index) => ({ name: `greedy ${index}`, title: 'T', blocks: greedy })),
    evaluation,
    sources,
  );
  const seen = { title: 'T', blocks: [{ text: '[[3,1,2],1,1]' }] };
  expect(sections).toEqual([seen, seen]);
  expect([...sources.scores.get('in')!.scores.get('Max')!]).toEqual([3, 1, 2]);
  expect(evaluation).toMatchObject({ results: [{ detector: 'Max' }], thresholds: { Max: 1 } });
});
