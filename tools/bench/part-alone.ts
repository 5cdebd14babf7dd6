// A process that runs one part of an extraction in one thread for a given time: decoding and resizing photographs, or the bare
// network.
import { readFile } from 'node:fs/promises';
import { configureSharpForWorker, prepare } from '@farout/images';
import { openSession } from '@farout/runtime';
import { recipe } from './photographs.ts';
import { perSecond } from './turns.ts';
import { batchSize, pixelsInput } from './runner.ts';

/** The first message has the setup; further ones the work. */
export type PartRequest =
  | { readonly model: string; readonly files: readonly string[] }
  | { readonly part: 'decoding' | 'inference'; readonly seconds: number };

/** The result. */
export interface PartAnswer {
  /** Images per second. */
  readonly rate: number;
  /** CPU seconds per image. */
  readonly cpu: number;
}

configureSharpForWorker();
let work: Record<'decoding' | 'inference', () => Promise<unknown>>;
let next = 0;

async function open(model: string, files: readonly string[]): Promise<void> {
  const session = await openSession(model, { threads: 1 });
  const data = Uint8Array.from({ length: batchSize * recipe.crop ** 2 * 3 }, (_, i) => (i * 7919) % 256);
  const pixels = { data, shape: [batchSize, recipe.crop, recipe.crop, 3] };
  work = {
    decoding: async () => prepare(await readFile(files[next++ % files.length]!), recipe),
    inference: () => session.run({ [pixelsInput]: pixels }),
  };
}

async function measure({ part, seconds }: Extract<PartRequest, { part: unknown }>): Promise<PartAnswer> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const rate = (await perSecond(seconds, work[part])) * (part === 'inference' ? batchSize : 1);
  const { user, system } = process.cpuUsage(before);
  return { rate, cpu: (user + system) / 1e6 / ((rate * (performance.now() - start)) / 1000) };
}

const nothing: PartAnswer = { rate: 0, cpu: 0 };

process.on('message', (request: PartRequest) => {
  const answer = 'model' in request ? open(request.model, request.files).then(() => nothing) : measure(request);
  void answer.then((found) => process.send!(found));
});
process.on('disconnect', () => process.exit());
