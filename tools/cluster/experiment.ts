import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { farout } from '../farout-process.ts';

const weights = fileURLToPath(new URL('../../packages/demo/weights/demo-resnet.pth', import.meta.url));

/** An experiment with eight shards, some of them for a second pass: ODIN after a fitted ReAct reads the images twice. */
export function writeExperiment(folder: string, name: string, file = path.join(folder, 'experiment.yaml')): string {
  const set = (images: string, seed: number, count: number) => ({ 'demo-images': { set: images, seed, count } });
  const experiment = {
    name,
    seed: 0,
    device: 'cpu',
    backbone: { 'demo-resnet': { weights } },
    datasets: { objects: set('objects', 3, 700), validation: set('objects', 2, 300), noise: set('noise', 3, 700) },
    id: 'objects',
    fit: 'validation',
    ood: ['noise'],
    detectors: {
      MSP: 'msp',
      ReAct: [{ react: { percentile: 90 } }, 'energy'],
      'ReAct + ODIN': [{ react: { percentile: 90 } }, 'odin'],
    },
  };
  // JSON is valid YAML.
  writeFileSync(file, JSON.stringify(experiment, undefined, 2));
  return file;
}

/** The scores of the experiment on a single machine. */
export async function scoresOfOneMachine(experiment: string, folder: string): Promise<Buffer> {
  const out = path.join(folder, 'alone');
  const set = `store=${path.join(folder, 'store-alone')}`;
  const { code, stderr } = await farout(['run', experiment, '--set', set, '--out', out, '--no-report']);
  assert.equal(code, 0, stderr);
  // Printed only by a run that reads images, not by one that finishes from the store.
  assert.ok(stderr.includes('images/s'), stderr);
  return readFileSync(path.join(out, 'scores.csv'));
}

/** A duration in words. */
export const secondsSince = (begin: number): string => `${((performance.now() - begin) / 1000).toFixed(0)} s`;
