import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKinds, type NewPackage } from '../../src/new/new-package.ts';
import { packageFiles, writeFolder } from '../../src/new/package-files.ts';
import { runCli } from '../run-cli.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const root = mkdtempSync(path.join(tmpdir(), 'farout-packages-'));
/** Where the packages are installed with what tools/jest/compile-sources.mjs has compiled, and where with the sources' types. */
const [installed, typed] = ['installed', 'typed'].map((name) => path.join(root, name)) as [string, string];
const nameOf = ({ kind, language }: NewPackage) => `${kind}-${language}`;
const folderOf = (wanted: NewPackage) => path.join(installed, nameOf(wanted));
const ofLanguage = (language: NewPackage['language']) =>
  newKinds.map((kind): NewPackage => ({ kind, name: `new-${kind}`, language }));
const packages = [...ofLanguage('ts'), ...ofLanguage('js')];
const inTypeScript = (kind: NewPackage['kind']) =>
  packages.find((each) => each.kind === kind && each.language === 'ts')!;
const titled = (of: readonly NewPackage[]) => of.map((each) => [each.kind, each.language, each] as const);

const write = async (wanted: NewPackage, folder: string) =>
  writeFolder(path.join(folder, nameOf(wanted)), wanted.name, await packageFiles(wanted));

/** The newest TypeScript, which takes a fifth of the time. */
const tools = { '@types': '@types', typescript: 'typescript-native', vitest: 'vitest' };

/** A folder of installed packages: those of the repository, but farout's own from elsewhere. */
function install(target: string, own: string): void {
  mkdirSync(target, { recursive: true });
  for (const [name, source] of Object.entries(tools))
    symlinkSync(path.join(repository, 'node_modules', source), path.join(target, name), 'junction');
  mkdirSync(path.join(target, '.bin'));
  symlinkSync('../vitest/vitest.mjs', path.join(target, '.bin', 'vitest'));
  symlinkSync('../typescript/bin/tsc', path.join(target, '.bin', 'tsc'));
  symlinkSync(path.join(own, 'node_modules', '@farout'), path.join(target, '@farout'), 'junction');
}

beforeAll(async () => {
  install(path.join(installed, 'node_modules'), process.env.FAROUT_COMPILED!);
  install(path.join(typed, 'node_modules'), repository);
  for (const wanted of packages) await write(wanted, installed);
  for (const kind of ['plugin', 'backbone'] as const) await write(inTypeScript(kind), typed);
  writeFileSync(path.join(installed, 'reporter.mjs'), reporter);
  writeFileSync(path.join(installed, 'reporter-of-node.mjs'), `export { ofNode as default } from './reporter.mjs';`);
  for (const language of ['ts', 'js'] as const) testTogether(language);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs a command in a folder as npm runs a script. */
function runAsScript(cwd: string, command: string) {
  const env = {
    ...process.env,
    PATH: [path.join(installed, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter),
    NODE_OPTIONS: undefined,
    // node --test tells its children by it that they are children; so it tells ours, which is none.
    NODE_TEST_CONTEXT: undefined,
  };
  const { status, stdout, stderr } = spawnSync(command, { cwd, env, shell: true });
  return { status, output: stripVTControlCharacters(`${stdout.toString()}${stderr.toString()}`) };
}

/** A script of a package. */
function scriptOf(cwd: string, script: string): string {
  const { scripts } = JSON.parse(readFileSync(path.join(cwd, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return scripts[script]!;
}

/** What became of the tests of a package. */
interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
}
const outcomes = new Map<string, Outcome>();

/** A reporter for both programs: a line for each test, with the part that it tests. Node names a part behind its tests. */
const reporter = `
const line = (part, name, passed) => process.stdout.write('\\n' + JSON.stringify({ part, name, passed }) + '\\n');
export default class {
  onTestCaseResult(test) {
    const { state } = test.result();
    // A clause that does not apply to a part is skipped, and says so.
    if (state !== 'skipped') line(test.fullName.split(' > ')[0], test.fullName, state === 'passed');
  }
}
export async function* ofNode(events) {
  let tests = [];
  for await (const { type, data: { name, nesting, skip } } of events) {
    if (!/^test:(pass|fail)$/.test(type) || skip) continue;
    if (nesting > 0) tests.push([name, type === 'test:pass']);
    else for (const test of tests.splice(0)) line(name, ...test);
  }
}
`;

/** One start of each program for the packages of one part, and one worker of vitest: starting takes most of the time. */
function testTogether(language: NewPackage['language']): void {
  const single = ofLanguage(language).filter(({ kind }) => kind !== 'plugin');
  const { output } = runAsScript(
    installed,
    [programs[language], ...single.map((each) => `${nameOf(each)}/tests`)].join(' '),
  );
  const lines = [...output.matchAll(/^\{"part".*\}$/gm)].map(
    ([line]) => JSON.parse(line) as { part: string; name: string; passed: boolean },
  );
  for (const wanted of single) {
    const own = lines.filter(({ part }) => part === wanted.name);
    const failed = own.filter(({ passed }) => !passed).map(({ name }) => `${name}\n${output}`);
    outcomes.set(nameOf(wanted), { passed: own.length - failed.length, failed });
  }
}
const programs = {
  ts: 'vitest run --no-isolate --no-file-parallelism --testTimeout=60000 --reporter=./reporter.mjs',
  js: 'node --test --test-reporter=./reporter-of-node.mjs',
};

/** Few images, so that a run is quick; a dataset of the package's own has twelve. */
const few = ({ kind }: NewPackage) =>
  ['objects', 'validation', 'textures', 'unseen-shapes']
    .filter((set) => set !== 'objects' || !['dataset', 'plugin'].includes(kind))
    .flatMap((set) => ['--set', `datasets.${set}.demo-images.count=24`]);

const run = (wanted: NewPackage, ...more: string[]) => {
  const store = `store=${path.join(root, 'store')}`;
  const words = ['run', 'experiment.yaml', '--no-report', '--set', store, ...few(wanted), ...more];
  return runCli(words, { cwd: folderOf(wanted) });
};

describe('a new package', () => {
  it.each(['ts', 'js'] as const)('of several parts in %s passes its tests by its own script', (language) => {
    const cwd = folderOf({ kind: 'plugin', name: '', language });
    const { status, output } = runAsScript(cwd, scriptOf(cwd, 'test'));
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    // Beyond the cases of its four parts: the contract's.
    const [, passed] = /(?:pass|Tests) +(\d+)/.exec(output) ?? [];
    expect(Number(passed)).toBeGreaterThan(40);
  });

  it.each(titled(packages.filter(({ kind }) => kind !== 'plugin')))(
    'of a %s in %s passes its tests, started beside others',
    (kind, language) => {
      const { failed, passed } = outcomes.get(`${kind}-${language}`)!;
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(10);
    },
  );

  it.each(titled(packages))('of a %s in %s runs its experiment', async (_kind, _language, wanted) => {
    const { code, stdout, stderr } = await run(wanted);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ ReAct +\d/m);
    const shows = {
      scorer: / new-scorer +\d/,
      hook: / new-hook +\d/,
      metric: / Youden's J ↑/,
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
    const cwd = path.join(typed, 'plugin-ts');
    expect(runAsScript(cwd, `${scriptOf(cwd, 'types')} ${ofSources}`)).toEqual({ status: 0, output: '' });
  });

  it('of a backbone in ts is loaded as it is built, and finds its weights', async () => {
    const cwd = path.join(typed, 'backbone-ts');
    expect(runAsScript(cwd, `${scriptOf(cwd, 'build')} ${ofSources}`)).toEqual({ status: 0, output: '' });
    const words = ['check', 'experiment.yaml', '--set', 'plugins=[./dist/index.js]'];
    expect(await runCli(words, { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});
