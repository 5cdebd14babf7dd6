import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { traceHooks, traceScore, type SymbolicScorer } from '@farout/core';
import { openSession, type Session } from '@farout/runtime';
import { odin } from '@farout/scorers';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import { openNetwork } from '../fidelity/open-network.ts';
import type { Model } from '../fidelity/models.ts';
import { gradientBatch } from './runner.ts';
import { inTurns, perSecond, ratios, spreadOf, type Series, type Spread } from './turns.ts';

const batchSize = 8;
const turns = 7;
/** What a turn of each takes. */
const seconds = 3;
const python = process.env.FAROUT_PYTHON ?? 'python3';

/** Images per second on one thread, as in a worker: medians of the turns. */
export interface OdinSpeed {
  /** The bare network, from the image to the logits. */
  readonly bare: number;
  readonly odin: number;
  /** The time of ODIN in bare forward passes; the minimum is three: two forwards and one backward. */
  readonly forwards: Spread;
  /** The same in CPU time of all threads, which is less sensitive to other load. */
  readonly forwardsOfCpu: Spread;
  readonly pytorch?: number;
  /** odin ÷ pytorch. */
  readonly timesPyTorch?: Spread;
}

/** Whether PyTorch and torchvision are available for comparison. */
const hasPyTorch = (): boolean => spawnSync(python, ['-c', 'import torch, torchvision']).status === 0;

/** ODIN (forward, gradient, forward again) of a network by onnxruntime, the bare network, and ODIN by PyTorch, in turns. */
export async function odinSpeed(data: string, model: Model): Promise<OdinSpeed> {
  const graphs = await graphsOf(data, model);
  const [bare, ours] = [await openSession(graphs.bare, { threads: 1 }), await openSession(graphs.odin, { threads: 1 })];
  const theirs = hasPyTorch() ? openPyTorch(data, model) : undefined;
  try {
    const cpu = { bare: [] as number[], odin: [] as number[] };
    const parts = { bare: rateOf(bare, batchSize, cpu.bare), odin: rateOf(ours, gradientBatch, cpu.odin) };
    const series: Series<'bare' | 'odin' | 'pytorch'> = theirs
      ? await inTurns({ ...parts, pytorch: theirs.rate }, turns)
      : { ...(await inTurns(parts, turns)), pytorch: [] };
    return {
      bare: spreadOf(series.bare).median,
      odin: spreadOf(series.odin).median,
      forwards: spreadOf(ratios(series.odin, series.bare).map((share) => 1 / share)),
      // The first turn of each is a warm-up.
      forwardsOfCpu: spreadOf(ratios(cpu.odin.slice(1), cpu.bare.slice(1))),
      ...(theirs && {
        pytorch: spreadOf(series.pytorch).median,
        timesPyTorch: spreadOf(series.odin.map((rate, turn) => rate / series.pytorch[turn]!)),
      }),
    };
  } finally {
    theirs?.close();
    await Promise.all([bare, ours].map((session) => session.release()));
  }
}

async function graphsOf(data: string, model: Model): Promise<{ bare: Uint8Array; odin: Uint8Array }> {
  const network = await openNetwork(data, model);
  const image = input('image', ['N', 3, 224, 224]);
  const std = constant({ data: new Float32Array(3).fill(1), shape: [3, 1, 1] });
  const images = { backbone: network, image, std };
  const context = traceHooks({ features: network.features(image), head: network.head, images }, []);
  const part = { definition: odin as SymbolicScorer, params: odin.params!.parse({}), learnt: {} };
  const score = traceScore(context, part);
  return { bare: writeOnnx({ logits: context.logits }), odin: writeOnnx({ score }, { sizes: { N: gradientBatch } }) };
}

/** Images per second in a turn; adds the CPU seconds per image to `cpu`. */
function rateOf(session: Session, batch: number, cpu: number[]): () => Promise<number> {
  const data = Float32Array.from({ length: batch * 3 * 224 * 224 }, (_, i) => ((i * 7919) % 256) / 64 - 2);
  const feed = { image: { data, shape: [batch, 3, 224, 224] } };
  return async () => {
    const [start, before] = [performance.now(), process.cpuUsage()];
    const rate = batch * (await perSecond(seconds, () => session.run(feed)));
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6 / ((rate * (performance.now() - start)) / 1000));
    return rate;
  };
}

/** The same with PyTorch in a separate process, which sleeps between its turns. */
function openPyTorch(data: string, { name, weights }: Model): { rate: () => Promise<number>; close: () => void } {
  const script = fileURLToPath(new URL('odin.py', import.meta.url));
  const words = [script, path.join(data, 'models', weights), name.replaceAll('-', '_')];
  const child = spawn(python, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    rate: async () => {
      child.stdin.write(`${seconds}\n`);
      const line: IteratorResult<string, unknown> = await lines.next();
      if (line.done) throw new Error(`${python} ${script} ended early`);
      return Number(line.value);
    },
    close: () => child.stdin.end(),
  };
}
