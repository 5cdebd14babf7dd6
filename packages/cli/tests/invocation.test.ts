import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "farout's folder ")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm start` prints for a word that is no command, in a folder. */
const hint = (cwd: string) => {
  const env = { ...process.env, INIT_CWD: cwd };
  const { stderr } = spawnSync(process.execPath, [path.join(repository, 'tools/start.mjs'), 'absent'], { cwd, env });
  return /"(.*) --help"/.exec(stderr.toString())?.[1];
};

/** What a shell in a folder makes of the words of a command. */
const inShell = (cwd: string, words: string) =>
  spawnSync(`for word in ${words}; do echo "$word"; done`, { cwd, shell: true }).stdout.toString().trim().split('\n');

describe('the commands that farout prints', () => {
  it('are those of npm start in the repository', () => {
    expect(hint(repository)).toBe('npm start --');
  });

  it('name the repository for who stands elsewhere, also in a folder with spaces and quotes', () => {
    mkdirSync(path.join(folder, 'deep'));
    for (const cwd of [folder, path.join(folder, 'deep')]) {
      const [npm, option, clone, ...rest] = inShell(cwd, hint(cwd)!);
      expect([npm, option, ...rest]).toEqual(['npm', '--prefix', 'start', '--']);
      expect(path.resolve(cwd, clone!)).toBe(path.resolve(repository));
    }
  });
});
