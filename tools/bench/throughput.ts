import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { forkModule } from '@farout/runtime';
import { openModel, type NetworkName } from './open-model.ts';
import type { PartRequest } from './part-alone.ts';
import { photographs } from './photographs.ts';
import { batchSize, openPipeline, type Pipeline } from './runner.ts';
import { inTurns, ratios, spreadOf, type Spread } from './turns.ts';

const turns = 9;
/** What a turn of the pipeline takes, and one of the limit: half of it decoding, half of it inference. */
const seconds = 4;

/** Images per second, all cores, beside what the parts alone would allow: medians of the turns. */
export interface Throughput {
  readonly decoding: number;
  readonly inference: number;
  readonly limit: number;
  readonly pipeline: number;
  /** pipeline ÷ limit. */
  readonly share: Spread;
  /** Turns whose share is above 1, which cannot be: faults of the measurement. */
  readonly faults: readonly number[];
}

/**
 * JPEG → features by the worker processes, against the limit 1 ÷ (1 ÷ D + 1 ÷ I): D images a second are decoded and resized when
 * all cores do nothing else, I go through bare onnxruntime, one thread a core. Limit and pipeline are measured in turns of
 * seconds, with as many processes, and a turn of the pipeline is compared with the limit right before and right after it.
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

async function measured(parts: readonly ChildProcess[], pipeline: Pipeline, files: readonly string[]) {
  const seen = { decoding: [] as number[], inference: [] as number[] };
  const alone = async (part: 'decoding' | 'inference') => {
    const rate = await asked(parts, { part, seconds: seconds / 2 });
    seen[part].push(rate);
    return rate;
  };
  const limit = async () => 1 / (1 / (await alone('decoding')) + 1 / (await alone('inference')));
  const count = await imagesOf(pipeline, files);
  const series = await inTurns({ limit, pipeline: () => extracted(pipeline, files, count) }, turns);
  const shares = ratios(series.pipeline, series.limit);
  const median = (values: readonly number[]) => spreadOf(values).median;
  return {
    decoding: median(seen.decoding),
    inference: median(seen.inference),
    limit: median(series.limit),
    pipeline: median(series.pipeline),
    share: spreadOf(shares),
    faults: shares.filter((share) => share > 1),
  };
}

/** Tells every process the same, and gives the sum of their answers. */
async function asked(parts: readonly ChildProcess[], request: PartRequest): Promise<number> {
  const answers = await Promise.all(
    parts.map(async (part) => {
      part.send(request);
      return ((await once(part, 'message')) as [number])[0];
    }),
  );
  return answers.reduce((sum, answer) => sum + answer, 0);
}

/** How many images keep the pipeline busy for a turn: as many batches for every process, so that all of them end together. */
async function imagesOf(pipeline: Pipeline, files: readonly string[]): Promise<number> {
  const atOnce = batchSize * pipeline.size;
  await extracted(pipeline, files, atOnce);
  const rate = await extracted(pipeline, files, 2 * atOnce);
  return Math.max(2, Math.round((seconds * rate) / atOnce)) * atOnce;
}

/** Images per second of so many images. */
async function extracted(pipeline: Pipeline, files: readonly string[], count: number): Promise<number> {
  const start = performance.now();
  await pipeline.extract(Array.from({ length: count }, (_, i) => files[i % files.length]!));
  return (count * 1000) / (performance.now() - start);
}
