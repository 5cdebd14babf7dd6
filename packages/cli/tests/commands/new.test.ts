import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'farout-new-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

describe('farout new', () => {
  it('writes a folder of the name where the user stands, and says what comes next', async () => {
    const { code, stdout, stderr } = await runCli(['new', 'scorer', 'margin'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Wrote margin\. Next:\n\n {2}cd margin\n {2}npm install\n {2}npm test\n/);
    expect(readdirSync(cwd)).toEqual(['margin']);
    expect(existsSync(path.join(cwd, 'margin/src/margin.ts'))).toBe(true);
  });

  it('writes JavaScript into another folder on request', async () => {
    expect(await runCli(['new', 'metric', 'gap', '--js', '--to', 'metrics'], { cwd })).toMatchObject({ code: 0 });
    expect(readdirSync(path.join(cwd, 'metrics/src')).sort()).toEqual(['gap.js', 'index.js']);
  });

  it('takes the last of two folders', async () => {
    const words = ['new', 'metric', 'gap', '--to', 'first', '--to', 'second'];
    expect(await runCli(words, { cwd })).toMatchObject({ code: 0 });
    expect(readdirSync(cwd)).toEqual(['second']);
  });

  it.each([
    ['a name that is a path', ['new', 'scorer', '../margin'], 'cannot be the name of a package'],
    ['the name of a built-in part', ['new', 'scorer', 'energy'], 'farout already has a scorer "energy"'],
    ['a folder that is there', ['new', 'scorer', 'margin', '--to', '.'], '. already exists'],
    ['an unknown kind', ['new', 'scorrer', 'margin'], 'Did you mean "scorer"?'],
  ])('refuses %s with exit code 2 and writes nothing', async (_, words, message) => {
    const { code, stdout, stderr } = await runCli(words, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('[OOD_BAD_COMMAND]');
    expect(readdirSync(cwd)).toEqual([]);
  });
});
