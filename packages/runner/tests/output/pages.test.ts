import { expect, it } from '@jest/globals';
import type { ReportData, RunResults } from '@farout/core';
import { renderPages } from '../../src/output/pages.ts';

const drawn = {
  results: { name: 'run' } as RunResults,
  data: { mistakes: [] } as unknown as ReportData,
  options: { full: true },
};
const pagesOf = async (...renders: ((results: RunResults) => string | Promise<string>)[]) => {
  const warnings: string[] = [];
  const reporters = renders.map((render, index) => ({ file: `${index}.txt`, render }));
  const files = await renderPages(reporters, drawn, { warn: (sentence) => warnings.push(sentence) });
  return { files, warnings };
};

it('are what reporters make of a copy of the run, whatever they do to it', async () => {
  const greedy = (results: RunResults) => {
    const { name } = results;
    (results as { name: string }).name = 'mine';
    return name;
  };
  expect(await pagesOf(greedy, greedy)).toEqual({
    files: [
      { file: '0.txt', content: ['run'] },
      { file: '1.txt', content: ['run'] },
    ],
    warnings: [],
  });
  expect(drawn.results.name).toBe('run');
});

it('lack, with a warning each, what a reporter cannot make or gives as something else than text', async () => {
  const { files, warnings } = await pagesOf(
    () => {
      throw new Error('no pen');
    },
    () => Buffer.from('bytes') as never,
    () => Promise.resolve('fine'),
  );
  expect(files).toEqual([{ file: '2.txt', content: ['fine'] }]);
  expect(warnings).toEqual([
    'The run lacks 0.txt: no pen',
    'The run lacks 1.txt: its reporter gave a Buffer, expected text',
  ]);
});
