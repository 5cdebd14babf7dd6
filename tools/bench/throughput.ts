import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { configureSharpForWorker, prepare } from '@farout/images';
import { openSession, type Session } from '@farout/runtime';
import { pixelsInput } from '../../packages/runner/src/extraction/batch.ts';
import { WorkerPool, type Batch } from '../../packages/runner/src/extraction/pool.ts';
import { openModel, recipe, type NetworkName } from './open-model.ts';
import { photographs } from './photographs.ts';

const batchSize = 8;
const rounds = 5;
/** Images that a round spends on each part alone. */
const alone = 48;

/** Images per second, all cores, beside what the parts alone would allow. */
export interface Throughput {
  readonly decode: number;
  readonly inference: number;
  readonly limit: number;
  readonly pipeline: number;
  /** pipeline ÷ limit, the median of the rounds. */
  readonly ratio: number;
}

/**
 * JPEG → features by the worker processes, against the limit: cores ÷ (seconds an image of decoding and resizing alone +
 * seconds an image of bare onnxruntime alone, one thread each). The three are measured in turns, and the ratio is taken
 * round by round, so that a machine which slows down slows all of them.
 */
export async function throughput(data: string, name: NetworkName): Promise<Throughput> {
  configureSharpForWorker();
  const files = photographs(data);
  const { model, folder } = await openModel(data, name);
  const session = await openSession(model, { threads: 1 });
  const pool = new WorkerPool({ model, device: 'cpu', recipe }, Infinity);
  try {
    await secondsOfPipeline(pool, files.slice(0, 64));
    const seen: Throughput[] = [];
    for (let round = 0; round < rounds; round++) {
      const decode = await secondsOfDecoding(files.slice(round * alone, (round + 1) * alone));
      const inference = await secondsOfInference(session);
      const pipeline = 1 / (await secondsOfPipeline(pool, files));
      const limit = availableParallelism() / (decode + inference);
      seen.push({ decode: 1 / decode, inference: 1 / inference, limit, pipeline, ratio: pipeline / limit });
    }
    return seen.sort((a, b) => a.ratio - b.ratio)[Math.floor(rounds / 2)]!;
  } finally {
    await pool.close();
    await session.release();
    await rm(folder, { recursive: true });
  }
}

async function secondsEach(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000 / count;
}

const secondsOfDecoding = (files: readonly string[]) =>
  secondsEach(files.length, async () => {
    for (const file of files) await prepare(await readFile(file), recipe);
  });

function secondsOfInference(session: Session): Promise<number> {
  const data = Uint8Array.from({ length: batchSize * recipe.crop ** 2 * 3 }, (_, i) => (i * 7919) % 256);
  const pixels = { data, shape: [batchSize, recipe.crop, recipe.crop, 3] };
  return secondsEach(alone, async () => {
    for (let i = 0; i < alone; i += batchSize) await session.run({ [pixelsInput]: pixels });
  });
}

const secondsOfPipeline = (pool: WorkerPool, files: readonly string[]) =>
  secondsEach(files.length, async () => {
    for await (const [, { images }] of pool.map(inBatches(files))) {
      if (images.some(({ unreadable }) => unreadable !== undefined)) throw new Error('a photograph is unreadable');
    }
  });

async function* inBatches(files: readonly string[]): AsyncGenerator<Batch> {
  for (let i = 0; i < files.length; i += batchSize) {
    yield await Promise.resolve({ images: files.slice(i, i + batchSize).map((path) => ({ path })) });
  }
}
