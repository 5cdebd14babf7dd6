import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nothingRead, scoresOf, spawnSmall, temporaryFolder } from './small-experiment.ts';

/**
 * The same user without root's right to write everywhere. It stays root, who owns these folders, and does not become another
 * user, who might not enter the folder that this repository lies in.
 */
const through = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all'] : [];

/** Whether a process started so finds a folder closed that may not be written: not everybody may give rights away. */
function obeysModes(): boolean {
  const closed = temporaryFolder();
  chmodSync(closed, 0o555);
  const write = `try { fs.writeFileSync('file', ''); } catch ({ code }) { process.stdout.write(code); }`;
  const [program, ...words] = [...through, process.execPath, '-e', write];
  return spawnSync(program, words, { cwd: closed, encoding: 'utf8' }).stdout === 'EACCES';
}

const describeWithModes = obeysModes() ? describe : describe.skip;
if (describeWithModes === describe.skip) console.warn('Skipped: to this user no folder is read-only, as to root.');

function chmodRecursively(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444);
  }
  chmodSync(folder, 0o555);
}

describeWithModes('a folder that may not be written', () => {
  it('as output ends the run before the first image is read', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'store'));
    chmodSync(path.join(folder, 'store'), 0o777);
    mkdirSync(path.join(folder, 'runs'), { mode: 0o555 });
    chmodSync(path.join(folder, 'runs'), 0o555);
    const { code, stdout, stderr } = await spawnSmall(folder, [], { through });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^cannot write the run folder .*runs.demo: EACCES/);
    expect(stderr).toMatch(/--out\.\n\[OOD_OUTPUT_FAILED\]\n$/);
  });

  it('as store ends the run before the first image is read', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    mkdirSync(path.join(folder, 'store'));
    chmodSync(path.join(folder, 'store'), 0o555);
    const { code, stderr } = await spawnSmall(folder, [], { through });
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write graphs.*EACCES/);
    expect(stderr).not.toContain('20/20');
    expect(stderr).toMatch(/\[OOD_STORE_FAILED\]\n$/);
  });

  it('as store serves a run that finds everything there', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    expect(await spawnSmall(folder, [], { through })).toMatchObject({ code: 0 });
    chmodRecursively(path.join(folder, 'store'));
    expect(await spawnSmall(folder, ['--out', 'again'], { through })).toMatchObject({ code: 0, stderr: nothingRead });
    expect(scoresOf(folder, 'again')).toBe(scoresOf(folder));
  });
});
