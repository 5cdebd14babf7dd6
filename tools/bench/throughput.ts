import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { forkModule } from '@farout/runtime';
import { cpuOfFamily } from './memory.ts';
import { openModel, type NetworkName } from './open-model.ts';
import type { PartAnswer, PartRequest } from './part-alone.ts';
import { photographs } from './photographs.ts';
import { batchSize, openPipeline, type Pipeline } from './runner.ts';
import { inTurns, ratios, spreadOf, type Spread } from './turns.ts';

const turns = 9;
/** The duration of a turn of the pipeline, and of a turn of the limit: half decoding, half inference. */
const seconds = 4;

/** Images per second on all cores, compared with what the parts alone would allow: medians of the turns. */
export interface Throughput {
  readonly decoding: number;
  readonly inference: number;
  readonly limit: number;
  readonly pipeline: number;
  /** pipeline ÷ limit. */
  readonly share: Spread;
  /** The same in CPU time of all processes, which is less sensitive to other load and ignores idle cores. */
  readonly shareOfCpu: Spread;
  /** Turns with a share above 1, which is impossible: measurement errors. */
  readonly faults: readonly number[];
}

/**
 * JPEG → features by the worker processes, compared with the limit 1 ÷ (1 ÷ D + 1 ÷ I): D is the rate of decoding and resizing alone on all cores, I
 * that of bare onnxruntime with one thread per core, in images per second. Limit and pipeline are measured in turns of seconds with the same number
 * of processes, and each turn of the pipeline is compared with the limit right before and right after it.
 */
export async function throughput(data: string, name: NetworkName): Promise<Throughput> {
  const files = photographs(data);
  const { model, folder } = await openModel(data, name);
  const parts = Array.from({ length: availableParallelism() }, () =>
    forkModule(new URL('part-alone.ts', import.meta.url), {}),
  );
  const pipeline = openPipeline(model);
  try {
    await asked(parts, { model, files });
    return await measured(parts, pipeline, files);
  } finally {
    await pipeline.close();
    parts.forEach((part) => part.disconnect());
    await rm(folder, { recursive: true });
  }
}

async function measured(
  parts: readonly ChildProcess[],
  pipeline: Pipeline,
  files: readonly string[],
): Promise<Throughput> {
  const seen = { decoding: [] as number[], inference: [] as number[] };
  const cpu = { limit: [] as number[], pipeline: [] as number[] };
  const limit = async () => {
    const decoding = await asked(parts, { part: 'decoding', seconds: seconds / 2 });
    const inference = await asked(parts, { part: 'inference', seconds: seconds / 2 });
    seen.decoding.push(decoding.rate);
    seen.inference.push(inference.rate);
    cpu.limit.push(decoding.cpu + inference.cpu);
    return 1 / (1 / decoding.rate + 1 / inference.rate);
  };
  const count = await imagesOf(pipeline, files);
  const whole = async () => {
    const before = cpuOfFamily();
    const rate = await extracted(pipeline, files, count);
    cpu.pipeline.push((cpuOfFamily() - before) / count);
    return rate;
  };
  const series = await inTurns({ limit, pipeline: whole }, turns);
  const shares = ratios(series.pipeline, series.limit);
  return {
    decoding: spreadOf(seen.decoding).median,
    inference: spreadOf(seen.inference).median,
    limit: spreadOf(series.limit).median,
    pipeline: spreadOf(series.pipeline).median,
    share: spreadOf(shares),
    // The first turn of each is a warm-up.
    shareOfCpu: spreadOf(ratios(cpu.pipeline.slice(1), cpu.limit.slice(1)).map((ratio) => 1 / ratio)),
    faults: shares.filter((share) => share > 1),
  };
}

/** Sends every process the same message; returns their total images per second, and the mean time per image. */
async function asked(parts: readonly ChildProcess[], request: PartRequest): Promise<PartAnswer> {
  const answers = await Promise.all(
    parts.map(async (part) => {
      part.send(request);
      return ((await once(part, 'message')) as [PartAnswer])[0];
    }),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { rate: sum(answers.map(({ rate }) => rate)), cpu: sum(answers.map(({ cpu }) => cpu)) / answers.length };
}

/** How many images keep the pipeline busy for a turn: equally many batches per process, so that all finish together. */
async function imagesOf(pipeline: Pipeline, files: readonly string[]): Promise<number> {
  const atOnce = batchSize * pipeline.size;
  await extracted(pipeline, files, atOnce);
  const rate = await extracted(pipeline, files, 2 * atOnce);
  return Math.max(2, Math.round((seconds * rate) / atOnce)) * atOnce;
}

/** Images per second for `count` images. */
async function extracted(pipeline: Pipeline, files: readonly string[], count: number): Promise<number> {
  const start = performance.now();
  await pipeline.extract(Array.from({ length: count }, (_, i) => files[i % files.length]!));
  return (count * 1000) / (performance.now() - start);
}
