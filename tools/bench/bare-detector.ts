// A bare process that scores photographs in one thread, and measures the CPU time of decoding and resizing, and of the graph.
import { readFile } from 'node:fs/promises';
import { configureSharpForWorker, prepare } from '@farout/images';
import { openSession } from '@farout/runtime';

/** The first message has the setup; further ones the seconds to work. */
export type BareRequest = { readonly model: string; readonly files: readonly string[] } | { readonly seconds: number };

/** CPU ms per image. */
export interface BareAnswer {
  readonly decoding: number;
  readonly inference: number;
}

const [resize, crop] = [256, 224];
configureSharpForWorker();
let session: Awaited<ReturnType<typeof openSession>>;
let images: readonly Uint8Array[] = [];

async function open(model: string, files: readonly string[]): Promise<BareAnswer> {
  session = await openSession(model, { threads: 1 });
  images = await Promise.all(files.map((file) => readFile(file)));
  return { decoding: 0, inference: 0 };
}

async function measure(seconds: number): Promise<BareAnswer> {
  const spent = { decoding: 0, inference: 0 };
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < 1000 * seconds; count++) {
    const begun = process.cpuUsage();
    const data = await prepare(images[count % images.length]!, { resize, crop });
    const decoded = process.cpuUsage();
    await session.run({ pixels: { data, shape: [1, crop, crop, 3] } });
    const done = process.cpuUsage();
    spent.decoding += decoded.user + decoded.system - begun.user - begun.system;
    spent.inference += done.user + done.system - decoded.user - decoded.system;
  }
  return { decoding: spent.decoding / 1000 / count, inference: spent.inference / 1000 / count };
}

process.on('message', (request: BareRequest) => {
  const answer = 'model' in request ? open(request.model, request.files) : measure(request.seconds);
  void answer.then((found) => process.send!(found));
});
process.on('disconnect', () => process.exit());
