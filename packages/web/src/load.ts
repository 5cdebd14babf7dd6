/// <reference lib="dom" />
import { FaroutError } from '@farout/core/errors';
import { resizeAndCrop } from '@farout/images/resize';
import {
  describedBy,
  feedsOf,
  inTurns,
  isDetector,
  sourceOf,
  verdictOf,
  type Description,
  type Source,
  type Verdict,
} from '@farout/verdict';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { decodesExactly } from './canvas.ts';
import { decode, type Scorable } from './decode.ts';

/** A file written by `farout export`: its address, a file chosen by a user, or its bytes. */
export type DetectorFile = string | URL | Blob | Uint8Array;

/** The input of the network: an image resized and cropped, uint8 (size, size, 3). */
export interface NetworkInput {
  readonly pixels: Uint8Array;
  readonly size: number;
}

/** A detector loaded from a file, ready to score images. */
export interface LoadedDetector {
  /** The description inside the file. */
  readonly description: Description;
  /** Whether this browser decodes JPEG to the same pixels as the run; if not, scores of JPEGs differ slightly. */
  readonly isExact: boolean;
  /**
   * Decodes an image, then resizes and crops it as the run did.
   *
   * @throws FaroutError OOD_IMAGE_UNREADABLE.
   */
  readonly prepare: (image: Scorable) => Promise<NetworkInput>;
  /**
   * Scores an image. Concurrent calls are queued.
   *
   * @throws FaroutError OOD_IMAGE_UNREADABLE; OOD_DETECTOR_FILE_INVALID when the file's graph fails.
   */
  readonly score: (image: Scorable | NetworkInput) => Promise<Verdict>;
  /** Frees the memory. */
  readonly close: () => Promise<void>;
}

/** How to load a detector. */
export interface LoadOptions {
  /** The address of `ort-wasm-simd-threaded.wasm`; default: next to the script, or where a bundler puts it. */
  readonly wasm?: string | URL;
  /** Threads within one operator; default: 1. More require a cross-origin isolated page. Scores do not depend on it. */
  readonly threads?: number;
  /** Called while a file is fetched, with the bytes received and, if the server says so, the total. */
  readonly progress?: (loaded: number, total: number | undefined) => void;
}

/**
 * Loads a file written by `farout export`.
 *
 * @throws FaroutError OOD_MISSING_FILE when it cannot be fetched; OOD_DETECTOR_FILE_INVALID for a file that is not a detector, or whose graph
 * cannot be opened.
 */
export async function load(file: DetectorFile, options: LoadOptions = {}): Promise<LoadedDetector> {
  const name = nameOf(file);
  const bytes = await bytesOf(file, options.progress);
  const description = await describedBy(sourceOf(bytes), name);
  const session = await opened(bytes, options).catch((cause: unknown) => {
    throw graphFails(name, 'opened', cause);
  });
  if (!isDetector({ inputs: session.inputNames, outputs: session.outputNames }, description)) {
    await session.release();
    throw graphFails(name, 'used', new Error('its inputs or outputs are not those expected'));
  }
  const inTurn = inTurns();
  const prepare = async (image: Scorable) => prepared(await decode(image), description);
  return {
    description,
    isExact: await decodesExactly(),
    prepare,
    score: async (image) => {
      const input = isPrepared(image) ? image : await prepare(image);
      const outputs = await inTurn(() => session.run(tensorsOf(input, description))).catch((cause: unknown) => {
        throw graphFails(name, 'run', cause);
      });
      return verdictOf(outputs, description);
    },
    close: () => session.release(),
  };
}

/**
 * Reads the description of an exported file without reading or loading its graph.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID.
 */
export const readDescription = (file: Blob | Uint8Array): Promise<Description> =>
  describedBy(file instanceof Blob ? ofBlob(file) : sourceOf(file), nameOf(file));

const ofBlob = (blob: Blob): Source => ({
  size: blob.size,
  read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
});

function nameOf(file: DetectorFile): string {
  if (typeof file === 'string' || file instanceof URL) return String(file);
  return file instanceof File ? file.name : 'the model';
}

const graphFails = (name: string, what: string, cause: unknown) =>
  new FaroutError('OOD_DETECTOR_FILE_INVALID', `the graph of ${name} cannot be ${what}: ${(cause as Error).message}`, {
    fix: 'Export the detector again.',
    cause,
  });

async function bytesOf(file: DetectorFile, progress: LoadOptions['progress']): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  if (file instanceof Blob) return new Uint8Array(await file.arrayBuffer());
  const missing = (why: string, cause?: unknown) =>
    new FaroutError('OOD_MISSING_FILE', `${String(file)} cannot be fetched: ${why}`, {
      fix: 'Check that the file exists, and that its server allows this page to read it.',
      cause,
    });
  const response = await fetch(file).catch((cause: unknown) => {
    throw missing((cause as Error).message, cause);
  });
  if (!response.ok) throw missing(`status ${response.status}`);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of arriving(response, progress)) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The bytes of a response as they arrive. For a compressed response, the declared length is not that of the data. */
async function* arriving({ headers, body }: Response, progress: LoadOptions['progress']) {
  const total = headers.has('content-encoding') ? undefined : Number(headers.get('content-length') ?? NaN);
  const reader = body!.getReader();
  let loaded = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    loaded += next.value.length;
    progress?.(loaded, total === undefined || Number.isNaN(total) ? undefined : total);
    yield next.value;
  }
}

function opened(bytes: Uint8Array, { wasm, threads = 1 }: LoadOptions): Promise<InferenceSession> {
  if (wasm !== undefined) env.wasm.wasmPaths = { wasm };
  env.wasm.numThreads = threads;
  return InferenceSession.create(bytes, { executionProviders: ['wasm'] });
}

function prepared(pixels: Parameters<typeof resizeAndCrop>[0], { preprocessing }: Description): NetworkInput {
  return { pixels: resizeAndCrop(pixels, preprocessing), size: preprocessing.crop };
}

const isPrepared = (image: Scorable | NetworkInput): image is NetworkInput =>
  typeof image === 'object' && 'pixels' in image;

const tensorsOf = ({ pixels }: NetworkInput, description: Description): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(feedsOf(pixels, description)).map(([name, { data, shape }]) => [
      name,
      data instanceof Uint8Array
        ? new Tensor('uint8', data, shape)
        : new Tensor('float32', data as Float32Array, shape),
    ]),
  );
