import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { command } from './spawn-cli.ts';

const hasZsh = spawnSync('zsh', ['--version']).status === 0;
if (!hasZsh) console.warn('No zsh here, so its completion is not tried.');

let folder: string;

/** A folder in PATH with the command `farout`, as an installation makes it. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-completion-'));
  const file = path.join(folder, 'farout');
  writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
});

function shell(name: string, script: string): string[] {
  const env = { ...process.env, PATH: `${folder}${path.delimiter}${process.env.PATH!}`, SHELL: `/bin/${name}` };
  const words = name === 'bash' ? ['--norc', '-c', script] : ['-f', '-c', script];
  const { status, stdout, stderr } = spawnSync(name, words, { cwd: folder, env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What bash proposes when Tab is pressed behind these words. */
const inBash = (...words: string[]) =>
  shell(
    'bash',
    `source <(farout completion)
     COMP_WORDS=(farout ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
     _farout_yargs_completions; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );

describe('farout completion', () => {
  it.each([
    ['commands', ['ch'], ['check']],
    ['options of a command', ['run', '--o'], ['--out', '--open', '--offline']],
    ['kinds of parts', ['list', 'd'], ['datasets']],
    ['parts', ['explain', 'im'], ['image-folder', 'image-list', 'imagenet']],
    ['kinds of packages', ['new', 'p'], ['plugin']],
    ['what can be done with the store', ['store', ''], ['list', 'prune']],
    ['files, by leaving them to the shell', ['run', 'experiment.y'], []],
  ])('completes %s in bash', (_, words, expected) => {
    expect(inBash(...words).sort()).toEqual([...expected].sort());
  });

  (hasZsh ? it : it.skip)('prints a script that zsh takes', () => {
    const lines = shell('zsh', 'autoload -U compinit; compinit -D; source <(farout completion); echo $_comps[farout]');
    expect(lines).toEqual(['_farout_yargs_completions']);
  });
});
