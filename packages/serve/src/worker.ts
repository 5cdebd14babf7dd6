// A worker process: images in, verdicts out. Whatever an image does to a decoder or to onnxruntime ends this process alone.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { FaroutError } from '@farout/core/errors';
import { loadDetector, type LoadedDetector } from '@farout/deploy/load';
import { announcedPixels, configureSharpForWorker, limitPixels } from '@farout/images';
import type { RequestImage, WorkerOutcome, WorkerReply, WorkerRequest, WorkerSetup } from './messages.ts';

interface Opened {
  readonly detector: LoadedDetector;
  readonly largePixels: number;
}

let opened: Opened | undefined;

const reply = (message: WorkerReply) => process.send!(message);

async function open({ model, content, maxPixels, largePixels }: WorkerSetup): Promise<void> {
  configureSharpForWorker();
  limitPixels(maxPixels);
  const detector = await loadDetector(model, { apart: false });
  const hash = createHash('sha256');
  await pipeline(createReadStream(model), hash);
  if (hash.digest('hex') !== content)
    throw new Error('the file has changed since the service began: start the service again');
  opened = { detector, largePixels };
  reply({ opened: true });
}

async function outcomeOf(image: RequestImage, mayBeLarge: boolean): Promise<WorkerOutcome> {
  const { detector, largePixels } = opened!;
  // Here and not in the service: a hostile header may take its time.
  if (!mayBeLarge && pixelsOf(image) > largePixels) return { isLarge: true };
  try {
    return { verdict: await detector.score(image) };
  } catch (error) {
    if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return { unreadable: error.message };
    throw error;
  }
}

const pixelsOf = (image: RequestImage) => ('shape' in image ? image.shape[0] * image.shape[1] : announcedPixels(image));

async function answer(request: WorkerRequest): Promise<void> {
  try {
    if ('setup' in request) await open(request.setup);
    else reply({ id: request.id, ...(await outcomeOf(request.image, request.mayBeLarge)) });
  } catch (error) {
    process.send!({ failure: (error as Error).message } satisfies WorkerReply, () => process.exit(1));
  }
}

process.on('message', (request: WorkerRequest) => void answer(request));
// The service closes the channel to end this process, and the system closes it when the service dies.
process.on('disconnect', () => process.exit());
// Both come to the whole group of processes; the service lets what is under way end first.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
