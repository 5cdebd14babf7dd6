import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { command } from '../spawn-cli.ts';
import { demo, small, temporaryFolder, works } from './small-experiment.ts';

const farout = command.map((word) => `"${word}"`).join(' ');
const words = ['run', demo, '--set', 'store=store', ...small, '--set', 'detectors={Energy: energy}']
  .map((word) => `'${word}'`)
  .join(' ');

const itWithMounts = works('unshare', '-rm', 'true') ? it : it.skip;
if (itWithMounts === it.skip) console.warn('No name space for mounts here, so no test with a folder that is one.');

describe('a run folder that a file system is mounted on, as a volume of a container', () => {
  itWithMounts('is taken as any other: what is in it is replaced file by file', () => {
    const folder = temporaryFolder();
    const script = `mkdir -p out; mount -t tmpfs none out; ${farout} ${words} --out out && ${farout} ${words} --out out; code=$?; ls -A out; exit $code`;
    const { status, stdout } = spawnSync('unshare', ['-rm', 'bash', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: undefined },
    });
    expect(status).toBe(0);
    const files = [
      'report-data.json',
      'report.html',
      'results.json',
      'scores.csv',
      'table.csv',
      'table.md',
      'table.tex',
    ];
    expect(stdout.endsWith(`\n${files.join('\n')}\n`)).toBe(true);
  });
});
