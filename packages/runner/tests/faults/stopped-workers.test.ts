import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { defineScorer, z, type Progress } from '@farout/core';
import { Interrupted } from '../../src/container.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import { detector, silent, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

const itOnLinux = process.platform === 'linux' ? it : it.skip;
const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

/** Lets the worker processes of this one stand still, as a terminal does by Ctrl-Z; gives how many. */
function stopWorkers(): number {
  const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='], { encoding: 'utf8' });
  const workers = children.split('\n').filter((line) => /extraction\/worker\.[jt]s/.test(line));
  for (const line of workers) process.kill(Number.parseInt(line), 'SIGSTOP');
  return workers.length;
}

itOnLinux('a run whose workers stand still ends when it is told to, and leaves none of them', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 200);
  const ood = await writeImages(path.join(folder, 'ood'), 200, 204);
  const stop = new AbortController();
  let stopped = 0;
  let isOfImages = false;
  const progress: Progress = {
    start: (_name, _total, _done, unit) => (isOfImages = unit === undefined),
    advance: () => {
      if (!isOfImages) return;
      stopped ||= stopWorkers();
      stop.abort();
    },
    stop: () => undefined,
  };
  const experiment = tinyExperiment({ id, ood, detectors: [detector('Max', maxLogit)] }, path.join(folder, 'store'));
  const options = { out: path.join(folder, 'run'), logger: silent, progress, reporters: [], signal: stop.signal };
  await expect(runExperiment(experiment, options)).rejects.toBeInstanceOf(Interrupted);
  expect(stopped).toBe(Math.min(availableParallelism(), 2));
  expect(stopWorkers()).toBe(0);
});
