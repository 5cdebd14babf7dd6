import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, tokens, z, type Clock, type DatasetImage, type ReportData } from '@farout/core';
import { Interrupted, type RunOptions } from '../../src/container.ts';
import type { Detector, Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import { CountingProgress, detector, part, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

/** Here detectors learn from the very images that they are tested on; that is said elsewhere. */
const warn = (sentence: string) => {
  if (!sentence.includes('is both the fit and the ID set')) warnings.push(sentence);
};

let fits: Record<string, number> = {};
/** What the clock of a run says, in milliseconds; each fit takes so long. */
let now = 0;
let fitTakes = 0;

const learning = (name: string) => {
  const fit = () => ({
    reads: ['features'] as const,
    learn: () => {
      fits[name] = (fits[name] ?? 0) + 1;
      now += fitTakes;
      return Promise.resolve({ zero: { data: Float32Array.of(0), shape: [] } });
    },
  });
  return { name, params: z.object({ percentile: z.number().default(50) }), fit };
};
const swept = defineHook({
  ...learning('swept'),
  sweep: { parameter: 'percentile', values: [10, 20, 30, 40] },
  features: (h, { percentile }, { zero }) => h.minimum(percentile / 100).add(zero!),
});
const unswept = defineHook({ ...learning('unswept'), features: (h, _, { zero }) => h.add(zero!) });
const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });
const costly = defineScorer({ ...learning('costly'), score: ({ logits }, _, { zero }) => logits.max().add(zero!) });

let images: string;
let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];
let warnings: string[];

beforeAll(async () => {
  images = await temporaryFolder();
  id = await writeImages(path.join(images, 'id'), 0, 4);
  ood = await writeImages(path.join(images, 'ood'), 4, 7);
});
beforeEach(async () => {
  folder = await temporaryFolder();
  [fits, warnings, now, fitTakes] = [{}, [], 0, 0];
});

const hook = (definition: typeof swept) => part(definition, { percentile: 50 } as never);
const clock: Experiment['services'] = new Map([[tokens.clock, (): Clock => ({ now: () => now })]]);

async function run(detectors: Detector[], options: Partial<RunOptions> = {}): Promise<ReportData | undefined> {
  await runExperiment(
    { ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), services: clock },
    {
      out: path.join(folder, 'run'),
      logger: { info: () => undefined, warn },
      progress: new CountingProgress(),
      reporters: [],
      ...options,
    },
  );
  const file = path.join(folder, 'run', 'report-data.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ReportData);
}

describe('sweeps', () => {
  it('are over what a hook declares, not over what its parameter is called', async () => {
    const data = await run([detector('A', maxLogit, [hook(swept)]), detector('B', maxLogit, [hook(unswept)])]);
    expect(data!.sweeps.map((one) => [one.detector, one.parameter, one.settings])).toEqual([
      ['A', 'percentile', [10, 20, 30, 40]],
    ]);
    expect(fits).toEqual({ swept: 1 + 4, unswept: 1 });
  });

  it('fit the hook alone again: what is before it stays, and nothing is swept before what learns', async () => {
    const data = await run([
      detector('Before', maxLogit, [hook(unswept), hook(swept)]),
      detector('Behind', costly, [hook(swept)]),
      detector('Between', maxLogit, [hook(swept), hook(unswept)]),
    ]);
    expect(data!.sweeps.map((one) => one.detector)).toEqual(['Before']);
    expect(fits).toEqual({ unswept: 2, costly: 1, swept: 2 + 4 });
    expect(warnings).toEqual([]);
  });

  it('are kept: the same run again fits nothing', async () => {
    const detectors = [detector('A', maxLogit, [hook(swept)])];
    const data = await run(detectors);
    fits = {};
    expect(await run(detectors)).toEqual(data);
    expect(fits).toEqual({});
  });

  it('end when their time is up, say so, and go on from there in the next run', async () => {
    const detectors = [detector('A', maxLogit, [hook(swept)])];
    fitTakes = 20_000;
    const data = await run(detectors);
    expect(data!.sweeps[0]!.settings).toEqual([10, 20]);
    expect(data!.unfinished).toEqual(['the sweep of "A" over percentile, which has 2 of 4 values']);
    expect(warnings).toEqual([
      expect.stringMatching(/^The report cuts short the sweep of "A" over percentile, .*farout report/),
    ]);
    expect((await run(detectors))!.sweeps[0]!.settings).toEqual([10, 20, 30, 40]);
  });
});

describe('results', () => {
  it('are there before the report is made, and stay when it is stopped', async () => {
    const detectors = [detector('A', maxLogit, [hook(swept)])];
    const stop = new AbortController();
    const seen: string[][] = [];
    const onResults = ({ out }: { out: string }) => {
      seen.push([out]);
      stop.abort();
    };
    await expect(run(detectors, { onResults, signal: stop.signal })).rejects.toBeInstanceOf(Interrupted);
    expect(seen).toEqual([[path.join(folder, 'run')]]);
    expect((await readdir(path.join(folder, 'run'))).sort()).toEqual(['results.json', 'scores.csv']);
  });

  it('are all where no report is wanted', async () => {
    expect(await run([detector('A', maxLogit, [hook(swept)])], { withReport: false })).toBeUndefined();
    expect(fits).toEqual({ swept: 1 });
    const { seconds, files } = JSON.parse(await readFile(path.join(folder, 'run', 'results.json'), 'utf8')) as {
      seconds: object;
      files: object;
    };
    expect(Object.keys(seconds)).not.toContain('report');
    expect(Object.keys(files)).toEqual(['scores.csv']);
  });
});
