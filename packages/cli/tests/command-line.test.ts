import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
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
Did you mean "scorers"?   Kinds: backbones, hooks, scorers, datasets, metrics, sections.
[OOD_BAD_COMMAND]
`,
    });
  });

  it('lists the built-in parts of every kind, one a line', async () => {
    const { code, stdout, stderr } = await runCli(['list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const headings = stdout.split('\n').filter((line) => /^\w/.test(line));
    expect(headings).toEqual(['backbones', 'hooks', 'scorers', 'datasets', 'metrics']);
    for (const part of ['resnet50', 'react', 'energy', 'image-folder', 'fpr95']) {
      expect(stdout).toMatch(new RegExp(`^  ${part} +@farout/\\w+ ${version}  \\w`, 'm'));
    }
  });

  it('shows the parameters of the parts of one kind with their defaults', async () => {
    const { code, stdout } = await runCli(['list', 'scorers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^scorers\n {2}energy .*\n {4}temperature = 1 +T, unitless/);
    expect(stdout).not.toContain('react');
  });
});
