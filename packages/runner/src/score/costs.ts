import type { RunCosts } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Session } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { featuresOf, featuresWhat, readingGraph, type Reading } from '../extraction/graphs.ts';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';
import { feedShard, fedReadings, scoredReadings, type FittedDetector } from '../fit/rows.ts';
import { refuseMachineFault } from '../plugins/failure.ts';
import { planScores } from './on-features.ts';
import { scoreRows, type RowScoringContext } from './on-rows.ts';

/**
 * The time each detector takes per image, in microseconds of CPU, measured alone and on the CPU: the computation on stored
 * rows, or the whole score if it is computed from the image, including forward passes and gradients. Also the network's time
 * from pixels to features, unless features are given. A detector that fails here is left out: its scores already exist.
 */
export async function measureCosts(
  detectors: readonly FittedDetector[],
  set: ImageRows,
  context: RowScoringContext,
): Promise<RunCosts> {
  const costs: [string, number][] = [];
  for (const detector of detectors) {
    context.signal.throwIfAborted();
    const cost = await costOf(detector, set, context).catch(refuseMachineFault);
    if (cost !== undefined) costs.push([detector.name, cost]);
  }
  return { ...(await costOfNetwork(context)), detectors: Object.fromEntries(costs) };
}

async function costOfNetwork({ network: { images } }: RowScoringContext): Promise<Pick<RunCosts, 'backbone'>> {
  if (!images || images.given) return {};
  const tensor = featuresOf(images);
  return { backbone: await onImages({ key: '', what: featuresWhat, graph: 'forward', tensor }) };
}

async function costOf(detector: FittedDetector, set: ImageRows, context: RowScoringContext): Promise<number> {
  if (detector.score) return onImages(detector.score);
  const [tensor] = planScores([detector], context.network).onFeatures.values();
  if (tensor) return onRows(tensor, detector, set);
  const first = await firstOf(set, scoredReadings(detector));
  const some = { ...set, images: first.images, rows: () => once(first) };
  return perImage(first.images.length, () => scoreRows(detector, new Map([['some', some]]), context));
}

async function onRows(score: Tensor, detector: FittedDetector, set: ImageRows): Promise<number> {
  return withSession(writeOnnx({ score }), async (session) => {
    const readings = fedReadings(session, scoredReadings(detector));
    const shard = await firstOf(set, readings);
    const feeds = feedShard(session, shard, readings);
    return perImage(shard.images.length, () => session.run(feeds));
  });
}

/** Batch size for graphs that do not have a fixed one. */
const imagesAtOnce = 8;

async function onImages(reading: Reading): Promise<number> {
  return withSession(Buffer.concat(readingGraph([reading], 'cpu')), async (session) => {
    const feeds = Object.fromEntries(
      Object.entries(session.inputs).map(([name, [batch, ...sizes]]) => {
        const shape = [typeof batch === 'number' ? batch : imagesAtOnce, ...sizes.map(Number)];
        // Arbitrary pixels: the network's time does not depend on them.
        const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7919) % 256);
        return [name, { data, shape }];
      }),
    );
    const [first] = Object.values(feeds);
    return perImage(first!.shape[0]!, () => session.run(feeds));
  });
}

async function withSession<T>(model: Uint8Array, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(model, { threads: 1 });
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

async function firstOf(set: ImageRows, readings: readonly Reading[]): Promise<ShardRows> {
  for await (const shard of set.rows(readings.map(({ key }) => key))) return shard;
  throw new Error('the set has no readable image');
}

async function* once(shard: ShardRows): AsyncGenerator<ShardRows> {
  yield await Promise.resolve(shard);
}

/** Minimum number of repetitions, and minimum total time in microseconds of CPU. The median is reported. */
const fewestTimes = 3;
const shortestTime = 50_000;

async function perImage(images: number, work: () => Promise<unknown>): Promise<number> {
  // The first time takes longer.
  await work();
  const times: number[] = [];
  for (let spent = 0; times.length < fewestTimes || spent < shortestTime; spent += times.at(-1)!) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push(user + system);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1]! / images;
}
