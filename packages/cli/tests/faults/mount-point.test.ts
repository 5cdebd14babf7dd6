import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { command } from '../spawn-cli.ts';
import { demo, small, temporaryFolder, works } from './small-experiment.ts';

const farout = command.map((word) => `"${word}"`).join(' ');
const words = ['run', demo, '--set', 'store=store', ...small].map((word) => `'${word}'`).join(' ');

const itWithMounts = works('unshare', '-rm', 'true') ? it : it.skip;
if (itWithMounts === it.skip) console.warn('No name space for mounts here, so no test with a folder that is one.');

describe('a run folder that a file system is mounted on, as a volume of a container', () => {
  itWithMounts('is refused before any image is read; a folder in it is taken', () => {
    const folder = temporaryFolder();
    const inMount = (out: string) =>
      spawnSync(
        'unshare',
        ['-rm', 'bash', '-c', `mkdir -p out; mount -t tmpfs none out; ${farout} ${words} --out ${out}`],
        {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, INIT_CWD: undefined },
        },
      );
    const { status, stderr } = inMount('out');
    expect(status).toBe(1);
    expect(stderr).toBe(
      `${path.join(folder, 'out')} cannot be replaced by the run folder: a file system is mounted on it\n` +
        `Name a folder in it: --out ${path.join(folder, 'out', 'run')}.\n[OOD_OUTPUT_FAILED]\n`,
    );
    expect(existsSync(path.join(folder, 'store'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['out']);
    expect(inMount('out/run').status).toBe(0);
  });
});
