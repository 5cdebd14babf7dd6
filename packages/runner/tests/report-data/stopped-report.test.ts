import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Interrupted } from '../../src/container.ts';
import { clip, hook, maxLogit, prepareRuns, run, told } from '../fixtures/paged-parts.ts';
import { detector } from '../fixtures/tiny.ts';

prepareRuns();

describe('results', () => {
  it('are there before the report is made, and stay when it is stopped', async () => {
    const detectors = [detector('A', maxLogit, [hook(clip)])];
    const stop = new AbortController();
    const seen: string[][] = [];
    const onResults = ({ out }: { out: string }) => {
      seen.push([out]);
      stop.abort();
    };
    await expect(run(detectors, { onResults, signal: stop.signal })).rejects.toBeInstanceOf(Interrupted);
    expect(seen).toEqual([[path.join(told.folder, 'run')]]);
    expect((await readdir(path.join(told.folder, 'run'))).sort()).toEqual(['fitted', 'results.json', 'scores.csv']);
  });

  it('are all where no report is wanted', async () => {
    expect(await run([detector('A', maxLogit, [hook(clip)])], { withReport: false })).toBeUndefined();
    expect(told.fits).toEqual({ clip: 1 });
    const { seconds, files } = JSON.parse(await readFile(path.join(told.folder, 'run', 'results.json'), 'utf8')) as {
      seconds: object;
      files: object;
    };
    expect(Object.keys(seconds)).not.toContain('report');
    expect(Object.keys(files)).toEqual(['scores.csv', 'fitted/0-clip-zero.npy', 'fitted/images-0.npy']);
  });
});
