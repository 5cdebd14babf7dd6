// A worker process: images in, verdicts out. An image that crashes a decoder or onnxruntime ends only this process.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { FaroutError } from '@farout/core/errors';
import { loadDetector, type LoadedDetector } from '@farout/deploy/load';
import { announcedPixels, configureSharpForWorker, limitPixels } from '@farout/images';
import { readFrames, writeFrame } from './frames.ts';
import {
  socketNumber,
  type RequestImage,
  type WorkerOutcome,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './messages.ts';

interface Opened {
  readonly detector: LoadedDetector;
  readonly largePixels: number;
}

let opened: Opened | undefined;

const socket = new Socket({ fd: socketNumber });
const reply = (message: WorkerReply) => writeFrame(socket, message);

async function open({ model, content, maxPixels, largePixels }: WorkerSetup): Promise<void> {
  configureSharpForWorker();
  limitPixels(maxPixels);
  const detector = await loadDetector(model, { apart: false });
  const hash = createHash('sha256');
  await pipeline(createReadStream(model), hash);
  if (hash.digest('hex') !== content)
    throw new Error('the file has changed since the service started: restart the service');
  opened = { detector, largePixels };
  reply({ opened: true });
}

async function outcomeOf(image: RequestImage, mayBeLarge: boolean): Promise<WorkerOutcome> {
  const { detector, largePixels } = opened!;
  // Here and not in the service: a hostile header may take long to parse.
  const isLarge = pixelsOf(image) > largePixels;
  if (isLarge && !mayBeLarge) return { isLarge };
  try {
    return { verdict: await detector.score(image) };
  } catch (error) {
    if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return { unreadable: error.message };
    throw error;
  } finally {
    // Otherwise its pixels, up to 150 MB, stay until V8's next collection, while another worker decodes the next large picture.
    if (isLarge) globalThis.gc!();
  }
}

const pixelsOf = (image: RequestImage) => ('shape' in image ? image.shape[0] * image.shape[1] : announcedPixels(image));

async function answer(request: WorkerRequest, body: Uint8Array): Promise<void> {
  try {
    if ('setup' in request) await open(request.setup);
    else {
      const { id, shape, mayBeLarge } = request;
      reply({ id, ...(await outcomeOf(shape ? { data: body, shape } : body, mayBeLarge)) });
    }
  } catch (error) {
    reply({ failure: (error as Error).message });
    socket.end(() => process.exit(1));
  }
}

readFrames(
  socket,
  (request, body) => void answer(request as WorkerRequest, body),
  () => process.exit(1),
);
// The service closes its end to end this process, and the system closes it when the service dies.
socket.on('close', () => process.exit());
// Both signals reach the whole process group; the service first lets requests in progress finish.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
