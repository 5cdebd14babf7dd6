// A process that does one part of an extraction alone, in one thread, for as long as it is told: it decodes and resizes
// photographs, or runs the bare network. It answers with images per second.
import { readFile } from 'node:fs/promises';
import { configureSharpForWorker, prepare } from '@farout/images';
import { openSession } from '@farout/runtime';
import { recipe } from './photographs.ts';
import { perSecond } from './turns.ts';
import { batchSize, pixelsInput } from './runner.ts';

/** What to begin with comes first, then what to do. */
export type PartRequest =
  | { readonly model: string; readonly files: readonly string[] }
  | { readonly part: 'decoding' | 'inference'; readonly seconds: number };

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

process.on('message', (request: PartRequest) => {
  void (async () => {
    if ('model' in request) return open(request.model, request.files);
    const pieces = await perSecond(request.seconds, work[request.part]);
    return request.part === 'inference' ? pieces * batchSize : pieces;
  })().then((answer) => process.send!(answer ?? 0));
});
process.on('disconnect', () => process.exit());
