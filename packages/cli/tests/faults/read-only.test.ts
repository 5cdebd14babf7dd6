import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nothingRead, runSmall, scoresOf, temporaryFolder } from './small-experiment.ts';

/** Root may write everywhere: as another user, if this process may become one. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function chmodRecursively(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444);
  }
  chmodSync(folder, 0o555);
}

describe('a folder that may not be written', () => {
  it('as output ends the run before the first image is read', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'store'));
    chmodSync(path.join(folder, 'store'), 0o777);
    mkdirSync(path.join(folder, 'runs'), { mode: 0o555 });
    chmodSync(path.join(folder, 'runs'), 0o555);
    const { code, stdout, stderr } = await runSmall(folder, [], user);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^cannot write the run folder .*runs.demo: EACCES/);
    expect(stderr).toMatch(/--out\.\n\[OOD_OUTPUT_FAILED\]\n$/);
  });

  it('as store ends the run before the first image is read', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    mkdirSync(path.join(folder, 'store'));
    chmodSync(path.join(folder, 'store'), 0o555);
    const { code, stderr } = await runSmall(folder, [], user);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write graphs.*EACCES/);
    expect(stderr).not.toContain('40/40');
    expect(stderr).toMatch(/\[OOD_STORE_FAILED\]\n$/);
  });

  it('as store serves a run that finds everything there', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    expect(await runSmall(folder, [], user)).toMatchObject({ code: 0 });
    chmodRecursively(path.join(folder, 'store'));
    expect(await runSmall(folder, ['--out', 'again'], user)).toMatchObject({ code: 0, stderr: nothingRead });
    expect(scoresOf(folder, 'again')).toBe(scoresOf(folder));
  });
});
