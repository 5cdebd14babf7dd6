import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { averageOfSets, type RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';

const pathOf = (file: string) => fileURLToPath(new URL(`../../../../${file}`, import.meta.url));
const examples = readdirSync(pathOf('docs/examples'));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Manifest {
  readonly scripts: { readonly test: string };
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifestIn = (place: string) => JSON.parse(readFileSync(pathOf(`${place}/package.json`), 'utf8')) as Manifest;

/** The words by which node runs an example's tests with farout from its sources. */
const runners: Readonly<Record<string, (example: string) => string[]>> = {
  'vitest run': (example) => [
    ...[pathOf('node_modules/vitest/vitest.mjs'), 'run', '--root', example],
    ...['--config', fileURLToPath(new URL('vitest.config.ts', import.meta.url))],
  ],
  'node --test': (example) => [
    '--import',
    new URL('../../../../tools/ts.mjs', import.meta.url).href,
    '--test',
    example,
  ],
};

describe.each(examples)('the example plugin %s', (name) => {
  const place = `docs/examples/${name}`;
  const { scripts, dependencies, devDependencies } = manifestIn(place);

  it('passes its own tests, from the sources', () => {
    const words = runners[scripts.test]!(pathOf(place));
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: pathOf(place), encoding: 'utf8' });
    const output = stripVTControlCharacters(`${stdout}${stderr}`);
    expect(output).toMatch(/\b[1-9]\d* passed|^# pass [1-9]/m);
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it('names dependencies that the repository installs, in versions that fit', () => {
    for (const [dependency, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      const { version } = manifestIn(`node_modules/${dependency}`);
      expect([dependency, version]).toEqual([dependency, expect.stringMatching(caret(range))]);
    }
  });
});

/** Versions that a caret range of ours allows: its first number that is not 0 stays. */
function caret(range: string): RegExp {
  const [, fixed] = /^\^((?:0\.)*\d+)\./.exec(range)!;
  return new RegExp(`^${fixed!.replaceAll('.', '\\.')}\\.`);
}

describe('the experiment of', () => {
  const count = 24;
  const sets = ['objects', 'validation', 'textures', 'unseen-shapes'];
  const fewer = [...sets, 'hybrid-shapes'].map((name) => `datasets.${name}.demo-images.count=${count}`);

  /** Runs an example's experiment and gives its results, which must have the rows of these detectors. */
  async function resultsOf(
    example: string,
    set: readonly string[],
    detectors: readonly string[],
    experiment = `docs/examples/${example}/experiment.yaml`,
  ) {
    const overrides = ['store=store', ...set].flatMap((each) => ['--set', each]);
    const words = ['run', pathOf(experiment), ...overrides, '--no-report', '--out', example];
    const { code, stderr } = await runCli(words, { cwd: folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { results } = JSON.parse(readFileSync(path.join(folder, example, 'results.json'), 'utf8')) as RunResults;
    expect(new Set(results.map(({ detector }) => detector))).toEqual(new Set(['Energy', 'ReAct', ...detectors]));
    return results;
  }

  it('farout-nearest-neighbours compares it with energy and ReAct', async () => {
    const rows = ['Nearest neighbours', 'Nearest neighbours, k = 50', 'ReAct + nearest neighbours'];
    await resultsOf('farout-nearest-neighbours', fewer, rows);
  });

  it('farout-gen compares it with energy and ReAct, and parquet reads the same images out of files', async () => {
    const drawn = await resultsOf('farout-gen', fewer, ['GEN', 'GEN, M = 3', 'ReAct + GEN']);
    const loader = new URL('../../../../tools/ts.mjs', import.meta.url).href;
    const files = path.join(folder, 'files');
    const words = ['--import', loader, pathOf('tools/demo/write-parquet.mjs'), `${count}`, files];
    expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const read = await resultsOf(
      'parquet',
      sets.map((name) => `datasets.${name}.parquet.folder=${files}`),
      [],
      'packages/cli/tests/examples/parquet.yaml',
    );
    const ofSets = read.filter(({ ood }) => ood !== averageOfSets);
    expect(ofSets.length).toBe(8);
    expect(drawn).toEqual(expect.arrayContaining(ofSets));
  });
});
