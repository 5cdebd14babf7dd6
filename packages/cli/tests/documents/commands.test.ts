import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../../src/command-line.ts';
import { checkNewPackage } from '../../src/new/new-package.ts';
import { packageFiles, writeFolder } from '../../src/new/package-files.ts';
import { runCli } from '../run-cli.ts';
import { commands, faroutWords, type DocumentedCommand } from './command-lines.ts';
import { files, pathOf } from './fenced-blocks.ts';
import { Workplace } from './workplace.ts';

const data = [process.env.FAROUT_DATA, pathOf('../shared/data')].find(
  (folder) => folder !== undefined && existsSync(folder),
);
const itWithData = data ? it : it.skip;

const workplace = new Workplace();
afterAll(() => workplace.remove());

const titled = (of: readonly DocumentedCommand[]) => of.map((command) => [command.line, command] as const);
const ofFarout = commands.filter((command) => faroutWords(command));
const ofOthers = commands.filter((command) => !faroutWords(command));
const experimentIn = (command: DocumentedCommand) => faroutWords(command)![1]!;
const overridesIn = (command: DocumentedCommand) =>
  faroutWords(command)!.filter((_, index, words) => words[index - 1] === '--set');

const starting = (command: string) => ofFarout.filter((each) => faroutWords(each)![0] === command);
/** They read or write what lies in the reader's folder, and run no experiment. */
const ofFolder = ['report', 'compare', 'schema', 'list', 'explain', 'export', 'score'].flatMap(starting);
/** Their images or weights are not in the repository. */
const ofLargeSets = starting('run').filter(({ line }) => /configs\/(photographs-|imagenet-|openood-|cifar)/.test(line));
const ofPhotos = starting('run').filter(({ line }) => line.includes('photos/'));
const ofDemo = starting('run').filter((command) => ![...ofLargeSets, ...ofPhotos].includes(command));

async function expectToRun(command: DocumentedCommand, set: readonly string[] = []): Promise<void> {
  const overrides = [...overridesIn(command), ...set];
  const ended = await workplace.run(experimentIn(command), overrides, 'runs/documented', '--no-report');
  expect(ended).toMatchObject({ code: 0 });
}

/** Packages and experiments that the documents' reader has made. */
beforeAll(async () => {
  for (const command of starting('init')) {
    const { code, stderr } = await runCli(faroutWords(command)!, { cwd: workplace.folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
  }
  for (const command of starting('new')) {
    const [, kind, name] = faroutWords(command)!;
    const wanted = checkNewPackage({ kind: kind!, name: name!, js: false }, []);
    await writeFolder(workplace.path(name!), name!, await packageFiles(wanted));
  }
});

const scriptsOf = (folder: string) =>
  (JSON.parse(readFileSync(workplace.path(`${folder}/package.json`), 'utf8')) as { scripts: object }).scripts;

/** What is wrong with a command of another program; undefined when nothing is. What would fetch something is not run. */
function faultIn([program, ...words]: readonly string[]): string | undefined {
  switch (program) {
    case 'cd':
    case 'mkdir':
    case 'python3': // a server of files, which would not end
      return undefined;
    case 'npm': {
      const [folder, rest] = words[0] === '--prefix' ? [words[1]!, words.slice(2)] : ['.', words];
      const script = scriptIn(rest);
      return rest[0] === 'install' || script in scriptsOf(folder) ? undefined : 'no such script';
    }
    case 'npx':
      return existsSync(workplace.path(words[2]!.split(':')[0]!)) ? undefined : 'no such generator';
    case 'node':
      return faultInScript(words);
    default:
      return `unknown program ${String(program)}`;
  }
}

/** Overrides of an experiment of the demonstration that the script itself does not say, so that it is quick. */
const few = 'detectors={Energy: energy}\ndatasets.validation.demo-images.count=24\ndatasets.noise.demo-images.count=24';

/** What npm is to run: the last of its words; those behind `--` are the script's own. */
const scriptIn = (words: readonly string[]) => words.slice(0, [...words, '--'].indexOf('--')).at(-1)!;

/** Scripts of the documents themselves are run; others must be there. */
function faultInScript(words: readonly string[]): string | undefined {
  const script = words.at(-1)!;
  if (!existsSync(workplace.path(script))) return `no file ${script}`;
  if (!files.some(({ file }) => file === script)) return undefined;
  const env = { ...process.env, FAROUT_SET: few };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: workplace.folder, env });
  return status === 0 ? undefined : `${stdout.toString()}${stderr.toString()}`;
}

describe('the commands of the documents', () => {
  it.each(titled(ofFarout))('are understood: %s', async (_line, command) => {
    await expect(parseCommandLine(faroutWords(command)!)).resolves.toBeDefined();
  });

  it.each(titled([...starting('run'), ...starting('check')]))('name what is there: %s', async (_line, command) => {
    const env = { FAROUT_DATA: command.env.FAROUT_DATA?.replace('~', workplace.folder) };
    await expect(workplace.load(experimentIn(command), overridesIn(command), env)).resolves.toBeDefined();
  });

  it.each(titled(ofDemo))('run, on fewer images: %s', (_line, command) => expectToRun(command));

  it('read and write what runs left: report, compare, schema, list, explain, export, score', async () => {
    expect(await workplace.run('configs/demo.yaml', [], 'runs/demo')).toMatchObject({ code: 0 });
    expect(await workplace.run('configs/demo.yaml', [], 'runs/demo-70', '--no-report')).toMatchObject({ code: 0 });
    expect(ofFolder.map((command) => faroutWords(command)![0])).toEqual(expect.arrayContaining(['report', 'compare']));
    for (const command of ofFolder) {
      // Several documents export the same detector.
      if (starting('export').includes(command)) rmSync(workplace.path('detector.onnx'), { force: true });
      const ended = await runCli(faroutWords(command)!, { cwd: workplace.folder });
      expect({ line: command.line, code: ended.code, stderr: ended.stderr }).toEqual({
        line: command.line,
        code: 0,
        stderr: '',
      });
    }
  });

  itWithData.each(titled(ofPhotos))('run, on a few images and with weights: %s', async (_line, command) => {
    const weights = path.join(data!, 'models', 'mobilenet_v2-coral.pth');
    await expectToRun(command, [`backbone={mobilenet-v2: {weights: ${JSON.stringify(weights)}}}`]);
  });

  it.each(titled(ofOthers))('work: %s', (_line, { words }) => {
    expect(faultIn(words)).toBeUndefined();
  });
});
