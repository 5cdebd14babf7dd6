import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKinds, type NewPackage } from '../../src/new/new-package.ts';
import { packageFiles } from '../../src/new/package-files.ts';
import { writeFolder } from '../../src/new/write-folder.ts';
import { spawnCli } from '../spawn-cli.ts';

const repository = new URL('../../../../', import.meta.url);
const root = mkdtempSync(path.join(tmpdir(), 'farout-packages-'));
const folderOf = ({ kind, language }: NewPackage) => path.join(root, `${kind}-${language}`);
const packages: NewPackage[] = (['ts', 'js'] as const).flatMap((language) =>
  newKinds.map((kind) => ({ kind, name: `new-${kind}`, language })),
);
const inTypeScript = (kind: NewPackage['kind']) =>
  packages.find((each) => each.kind === kind && each.language === 'ts')!;
const titled = (of: readonly NewPackage[]) => of.map((each) => [each.kind, each.language, each] as const);

/** Stands for installed packages of farout: those of this repository, from their sources. */
const fromSources = `const conditions = ['@farout/source', 'node'];
export default { resolve: { conditions }, ssr: { resolve: { conditions } } };
`;

beforeAll(async () => {
  symlinkSync(fileURLToPath(new URL('node_modules', repository)), path.join(root, 'node_modules'), 'junction');
  for (const wanted of packages) {
    await writeFolder(folderOf(wanted), wanted.name, await packageFiles(wanted));
    writeFileSync(path.join(folderOf(wanted), 'vitest.config.mjs'), fromSources);
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs a script of a package as npm does. */
function runScript(cwd: string, script: string, words = '') {
  const { scripts } = JSON.parse(readFileSync(path.join(cwd, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const env = {
    ...process.env,
    PATH: [path.join(root, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter),
    NODE_OPTIONS: `--import ${new URL('tools/ts.mjs', repository).href}`,
    // node --test tells its children by it that they are children; so it tells ours, which is none.
    NODE_TEST_CONTEXT: undefined,
  };
  const { status, stdout, stderr } = spawnSync(`${scripts[script]!} ${words}`, { cwd, env, shell: true });
  return { status, output: stripVTControlCharacters(`${stdout.toString()}${stderr.toString()}`) };
}

/** Few images, so that a run is quick; a dataset of the package's own has twelve. */
const few = ({ kind }: NewPackage) =>
  ['objects', 'validation', 'textures', 'unseen-shapes']
    .filter((set) => set !== 'objects' || !['dataset', 'plugin'].includes(kind))
    .flatMap((set) => ['--set', `datasets.${set}.demo-images.count=24`]);

const run = (wanted: NewPackage, ...more: string[]) => {
  const store = `store=${path.join(root, 'store')}`;
  return spawnCli(['run', 'experiment.yaml', '--set', store, ...few(wanted), ...more], { cwd: folderOf(wanted) });
};

describe('a new package', () => {
  it.each(titled(packages))('of a %s in %s passes its tests', (_kind, _language, wanted) => {
    const { status, output } = runScript(folderOf(wanted), 'test');
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    // Beyond its own cases: the contract's.
    const [, passed] = /(?:pass|Tests) +(\d+)/.exec(output) ?? [];
    expect(Number(passed)).toBeGreaterThan(10);
  });

  it.each(titled(packages))('of a %s in %s runs its experiment', async (_kind, _language, wanted) => {
    const { code, stdout, stderr } = await run(wanted);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ ReAct +\d/m);
    const shows = {
      scorer: / new-scorer +\d/,
      hook: / new-hook +\d/,
      metric: / new-metric ↑/,
      dataset: /objects, 12 /,
    };
    if (wanted.kind in shows) expect(stdout).toMatch(shows[wanted.kind as keyof typeof shows]);
  });

  it("of a backbone begins as the demonstration's network, number for number", async () => {
    const wanted = inTypeScript('backbone');
    const scores = () => readFileSync(path.join(folderOf(wanted), 'runs/new-backbone/scores.csv'), 'utf8');
    await run(wanted);
    const own = scores();
    await run(wanted, '--set', 'backbone=demo-resnet');
    expect(scores()).toBe(own);
  });

  const ofSources = '--customConditions @farout/source';

  // The types of the parts themselves are checked with the repository's own.
  it('of a plugin in ts has the right types, its tests too', () => {
    expect(runScript(folderOf(inTypeScript('plugin')), 'types', ofSources)).toEqual({ status: 0, output: '' });
  });

  it('of a backbone in ts is loaded as it is built, and finds its weights', async () => {
    const cwd = folderOf(inTypeScript('backbone'));
    expect(runScript(cwd, 'build', ofSources)).toEqual({ status: 0, output: '' });
    const words = ['check', 'experiment.yaml', '--set', 'plugins=[./dist/index.js]'];
    expect(await spawnCli(words, { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});
