import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../src/command-line.ts';
import { runCli } from './run-cli.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('farout', () => {
  it('explains its commands on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of [
      'run <experiment>',
      'check <experiment>',
      'list [kind]',
      'explain <name>',
      'init <images>',
      'schema',
    ]) {
      expect(stdout).toContain(`farout ${command} `);
    }
  });

  it('explains the options of a command', async () => {
    const { code, stdout } = await runCli(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +--set .*repeated/m);
    expect(stdout).toMatch(/^ +--out .*runs\/<name>/m);
  });

  it.each([
    [
      ['run', '-h'],
      ['run', '--help'],
    ],
    [
      ['help', 'run'],
      ['run', '--help'],
    ],
    [['help'], ['--help']],
  ])('understands %j as %j', async (words, same) => {
    const { code, stdout } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: (await runCli(same)).stdout });
  });

  it('tells its version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('refuses what it does not know with exit code 2, a sentence on stderr and no stack', async () => {
    expect(await runCli(['list', 'scorer'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `unknown kind "scorer"
Did you mean "scorers"?   Kinds: backbones, hooks, scorers, datasets, metrics, sections, reporters, storages.
[OOD_BAD_COMMAND]
`,
    });
  });

  it('lists the built-in parts of every kind, one a line', async () => {
    const { code, stdout, stderr } = await runCli(['list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const headings = stdout.split('\n').filter((line) => /^\w/.test(line));
    const kinds = headings.map((heading) => heading.replace(/, from \w+$/, ''));
    expect([...new Set(kinds)]).toEqual([
      'backbones',
      'hooks',
      'scorers',
      'datasets',
      'metrics',
      'reporters',
      'storages',
    ]);
    expect(headings.slice(1, 3)).toEqual(['hooks, from features', 'hooks, from gradients']);
    for (const part of ['resnet50', 'react', 'energy', 'image-folder', 'fpr95', 'html']) {
      expect(stdout).toMatch(new RegExp(`^  ${part} +@farout/\\w+ ${version}  \\w`, 'm'));
    }
  });

  it('shows the parameters of the parts of one kind with their defaults', async () => {
    const { code, stdout } = await runCli(['list', 'scorers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^scorers, from logits\n(?:  .*\n)* {2}energy .*\n {4}temperature = 1 +T, unitless/);
    expect(stdout).not.toMatch(/^ {2}react /m);
  });
});

describe('parseCommandLine', () => {
  it.each([
    ['no command', [], 'no command given', undefined],
    ['an unknown command', ['chek', 'x.yaml'], 'unknown command "chek"', 'Did you mean "check"?'],
    ['an unknown option', ['run', 'x.yaml', '--sett', 'a=1'], 'unknown option "--sett"', 'Did you mean "--set"?'],
    ['an unknown letter', ['list', '-q'], 'unknown option "-q"', undefined],
    ['a negated option', ['run', 'x.yaml', '--no-out'], 'unknown option "--no-out"', undefined],
    ['an option of another command', ['check', 'x.yaml', '--out', 'y'], 'unknown option "--out"', undefined],
    ['a word too many', ['run', 'x.yaml', 'y.yaml'], 'unexpected argument "y.yaml" for "farout run"', undefined],
    ['an option without its value', ['run', 'x.yaml', '--out'], '--out needs a value', undefined],
    ['an experiment without a command', ['x.yaml'], '"x.yaml" is not a command', 'To run it: farout run x.yaml'],
  ])('refuses %s', async (_, words, message, fix = 'See "farout --help".') => {
    await expect(parseCommandLine(words)).rejects.toMatchObject({ code: 'OOD_BAD_COMMAND', message, fix });
  });

  it.each([
    [
      'run',
      ['run'],
      { 'notes.yaml': 'a: 1', 'mine.yaml': 'backbone: x', 'more.yml': 'extends: mine.yaml' },
      'run <experiment>',
      /^Missing: The experiment, a YAML file\. For example: farout run mine\.yaml \(also here: more\.yml\)$/,
    ],
    [
      'check where there is no experiment',
      ['check', '--json'],
      {},
      'check <experiment>',
      /YAML file; "farout init <images>" writes one\. For example: farout check configs\/demo\.yaml$/,
    ],
    [
      'report',
      ['report'],
      {},
      'report <run>',
      /^Missing: A run folder.*\. For example: farout report runs\/demo --open$/,
    ],
    [
      'new with a kind alone',
      ['new', 'scorer'],
      {},
      'new <kind> <name>',
      /^Missing: Name of the package and its part\. For example: farout new scorer margin$/,
    ],
  ])('says what to type when a word of %s is missing', async (_, words, files, usage, fix) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'farout-words-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const { INIT_CWD } = process.env;
    process.env.INIT_CWD = folder;
    try {
      await expect(parseCommandLine(words)).rejects.toMatchObject({
        code: 'OOD_BAD_COMMAND',
        message: `a word is missing: farout ${usage}`,
        fix: expect.stringMatching(fix) as unknown,
      });
    } finally {
      if (INIT_CWD === undefined) delete process.env.INIT_CWD;
      else process.env.INIT_CWD = INIT_CWD;
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['words and options in any order', ['run', '--set', 'a=1', 'x.yaml', '--out', 'y', '--set=b.c=2']],
    ['dashes before the command, as from npm start -- -- run', ['--', 'run', 'x.yaml', '--out', 'y']],
    ['numbers as words', ['run', '7', '--out', '8']],
  ])('takes %s', async (_, words) => {
    await expect(parseCommandLine(words)).resolves.toEqual(expect.any(Function));
  });
});
