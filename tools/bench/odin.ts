import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { traceHooks, traceScore, type SymbolicScorer } from '@farout/core';
import { openSession } from '@farout/runtime';
import { odin } from '@farout/scorers';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import { openNetwork } from '../fidelity/open-network.ts';
import type { Model } from '../fidelity/models.ts';

const batchSize = 8;
const batches = 4;
const rounds = 3;
const python = process.env.FAROUT_PYTHON ?? 'python3';

/** ODIN's images per second, two threads in one process, and PyTorch's; the ratio is the median of interleaved rounds. */
export interface OdinSpeed {
  readonly ours: number;
  readonly pytorch: number;
  readonly ratio: number;
}

/** Whether PyTorch and torchvision can be compared with. */
export const hasPyTorch = (): boolean => spawnSync(python, ['-c', 'import torch, torchvision']).status === 0;

/** ODIN (forward, gradient, forward again) of a network by onnxruntime against PyTorch eager, in turns. */
export async function odinSpeed(data: string, model: Model): Promise<OdinSpeed> {
  const network = await openNetwork(data, model);
  const image = input('image', ['N', 3, 224, 224]);
  const images = { ...network, image, std: constant({ data: new Float32Array(3).fill(1), shape: [3, 1, 1] }) };
  const context = traceHooks({ features: network.featuresOf(image), head: network.head, images }, []);
  const part = { definition: odin as SymbolicScorer, params: odin.params.parse({}), learnt: {} };
  const session = await openSession(writeOnnx({ score: traceScore(context, part) }), { threads: 2 });
  const x = Float32Array.from({ length: batchSize * 3 * 224 * 224 }, (_, i) => ((i * 7919) % 256) / 64 - 2);
  const feed = { image: { data: x, shape: [batchSize, 3, 224, 224] } };
  await session.run(feed);
  const seen: OdinSpeed[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < batches; i++) await session.run(feed);
    const ours = (batches * batchSize * 1000) / (performance.now() - start);
    const pytorch = 1 / secondsOfPyTorch(data, model);
    seen.push({ ours, pytorch, ratio: ours / pytorch });
  }
  await session.release();
  return seen.sort((a, b) => a.ratio - b.ratio)[Math.floor(rounds / 2)]!;
}

function secondsOfPyTorch(data: string, { name, weights }: Model): number {
  const script = fileURLToPath(new URL('odin.py', import.meta.url));
  const architecture = name.replaceAll('-', '_');
  const words = [script, path.join(data, 'models', weights), architecture, String(batches)];
  const { stdout, stderr, status } = spawnSync(python, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
