import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { RenderOptions, ReportData, RunResults, Store } from '@farout/core';
import { renderPages } from '../../src/output/pages.ts';
import { FileStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

const drawn = {
  results: { name: 'run' } as RunResults,
  data: { mistakes: [] } as unknown as ReportData,
  full: true,
};
const pagesOf = async (...renders: ((results: RunResults) => string | Promise<string>)[]) => {
  const warnings: string[] = [];
  const reporters = renders.map((render, index) => ({ file: `${index}.txt`, render }));
  const files = await renderPages(reporters, drawn, { logger: { warn: (sentence) => warnings.push(sentence) } });
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
    'The run lacks 1.txt: its reporter returned a Buffer, expected text',
  ]);
});

describe('what a reporter keeps', () => {
  /** What a reporter of this code makes of contents, how many it had to make, and what was said. */
  async function keep(
    contents: readonly unknown[],
    { store, code = 'code', file = 'page.txt', made = String }: Keeper,
  ) {
    let count = 0;
    const warnings: string[] = [];
    const make = (content: unknown) => () => {
      count++;
      return made(content);
    };
    const render = async (_: RunResults, __: ReportData, { kept }: RenderOptions) =>
      (await Promise.all(contents.map(async (each) => kept?.(each, make(each)) ?? make(each)()))).join();
    const pages = await renderPages([{ file, render, ...(code !== null && { code: () => code }) }], drawn, {
      ...(store && { store }),
      logger: { warn: (sentence) => warnings.push(sentence) },
    });
    return { text: pages.flatMap(({ content }) => [...content]).join(), made: count, warnings };
  }

  interface Keeper {
    readonly store?: Store;
    readonly code?: string | null;
    readonly file?: string;
    readonly made?: (content: unknown) => string;
  }

  it('is made once for each content, by each code of each reporter', async () => {
    const store = new FileStore(await temporaryFolder());
    expect(await keep([1, 2], { store })).toEqual({ text: '1,2', made: 2, warnings: [] });
    expect(await keep([1, 2], { store })).toEqual({ text: '1,2', made: 0, warnings: [] });
    expect(await keep([1, 3], { store })).toEqual({ text: '1,3', made: 1, warnings: [] });
    expect(await keep([1, 2], { store, code: 'other' })).toMatchObject({ made: 2 });
    expect(await keep([1, 2], { store, file: 'other.txt' })).toMatchObject({ made: 2 });
  });

  it.each<[string, Omit<Keeper, 'store'> & { readonly isStored: boolean }]>([
    ['there is no store', { isStored: false }],
    ['nobody knows the code that makes it', { isStored: true, code: null }],
  ])('is made each time where %s', async (_, { isStored, ...keeper }) => {
    const store = new FileStore(await temporaryFolder());
    const again = () => keep([1], { ...keeper, ...(isStored && { store }) });
    expect([await again(), await again()]).toEqual(Array(2).fill({ text: '1', made: 1, warnings: [] }));
  });

  it('is made again where its entry is damaged', async () => {
    const folder = await temporaryFolder();
    const store = new FileStore(folder);
    await keep([1, 2], { store });
    const [first] = await readdir(path.join(folder, 'drawings'));
    await writeFile(path.join(folder, 'drawings', first!), '{"sha256":"","data":"other"}');
    const warnings = [`The store's entry drawings/${first!} is damaged; its content is computed again.`];
    expect(await keep([1, 2], { store })).toEqual({ text: '1,2', made: 1, warnings });
    expect(await keep([1, 2], { store })).toEqual({ text: '1,2', made: 0, warnings: [] });
  });

  it('is made without a store that fails', async () => {
    const failing = () => Promise.reject(new Error('no disk'));
    const store = { read: failing, readRange: failing, write: failing, create: failing };
    expect(await keep([1], { store })).toEqual({ text: '1', made: 1, warnings: [] });
  });

  it('is text: of anything else the page is left out, and nothing kept', async () => {
    const folder = await temporaryFolder();
    const made = () => 5 as never;
    const warnings = ['The run lacks page.txt: its reporter returned 5, expected text'];
    expect(await keep([1], { store: new FileStore(folder), made })).toEqual({ text: '', made: 1, warnings });
    expect(await readdir(folder)).toEqual([]);
  });
});
