import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { command } from '../spawn-cli.ts';
import { filesBelow, nothingRead, runSmall, runWords, scoresOf, temporaryFolder, works } from './small-experiment.ts';

const farout = command.map((word) => `"${word}"`).join(' ');

/** A shell of a name space of its own may mount a file system of a few kilobytes; not every system allows it. */
const mounts = works('unshare', '-rm', 'true');
const itWithMounts = mounts ? it : it.skip;
if (!mounts) console.warn('No name space for mounts here, so no test with a real file system that is full.');

const words = runWords()
  .map((word) => `'${word}'`)
  .join(' ');

let whole: string;

beforeAll(async () => {
  whole = temporaryFolder();
  expect(await runSmall(whole)).toMatchObject({ code: 0 });
});

/** Runs a script of bash in a folder. */
const shell = (folder: string, script: string, command = ['bash', '-c', script]) =>
  spawnSync(command[0]!, command.slice(1), {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: undefined },
  });

const inNameSpace = (folder: string, script: string) => shell(folder, '', ['unshare', '-rm', 'bash', '-c', script]);

describe('a disk that fills up', () => {
  itWithMounts('ends a run whose store is on it: it names the entry and the fix, and leaves nothing half', () => {
    const folder = temporaryFolder();
    const script = `mkdir store && mount -t tmpfs -o size=500k none store && ${farout} ${words}; code=$?; find store -type f -not -path 'store/claims/*'; exit $code`;
    const { status, stdout, stderr } = inNameSpace(folder, script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot write graphs\/\w+\.onnx in the store .*ENOSPC/);
    expect(stderr).toMatch(/Free space.*\n\[OOD_STORE_FAILED\]\n$/);
    expect(stdout).toBe('');
  });

  itWithMounts('ends a run whose folder is on it, keeps the former run, and loses no work', async () => {
    const folder = temporaryFolder();
    const full = `mkdir runs && mount -t tmpfs -o size=1m none runs && ${farout} ${words} --set detectors.Energy=msp`;
    // The first run fits; what then lies beside it leaves no room for a second one.
    const script = `${full} && dd if=/dev/zero of=runs/filler bs=1k 2>&- ; ${farout} ${words}; code=$?; find runs -type f -name '*.tmp*'; ls runs; cp runs/demo/scores.csv .; exit $code`;
    const { status, stdout, stderr } = inNameSpace(folder, script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot write the run folder .*ENOSPC/);
    expect(stderr).toMatch(/\[OOD_OUTPUT_FAILED\]\n$/);
    expect(stdout).toMatch(/\ndemo\nfiller\n$/);
    expect(scoresOf(folder, '.')).not.toBe(scoresOf(whole));
    const again = await runSmall(folder, ['--out', 'elsewhere']);
    expect(again).toMatchObject({ code: 0, stderr: nothingRead });
    expect(scoresOf(folder, 'elsewhere')).toBe(scoresOf(whole));
  });

  it('ends a run whose files may not grow: what is done stays, and goes on where they may', async () => {
    const folder = temporaryFolder();
    // The graph of the network takes more than 100 KiB.
    const { status, stderr } = shell(folder, `ulimit -f 100; ${farout} ${words}`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\[OOD_STORE_FAILED\]\n$/);
    expect(filesBelow(folder).filter((file) => file.includes('.tmp'))).toEqual([]);
    expect(existsSync(path.join(folder, 'runs', 'demo'))).toBe(false);
    expect(await runSmall(folder)).toMatchObject({ code: 0 });
    expect(scoresOf(folder)).toBe(scoresOf(whole));
  });
});
