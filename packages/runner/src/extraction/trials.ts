import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaroutError, type Device } from '@farout/core';
import { openSession, type Session } from '@farout/runtime';
import { runOnPixels } from './batch.ts';
import { batchSize } from './pass.ts';
import type { GraphParts } from './graphs.ts';

/** Batch sizes that workers will use: full batches, the last image of a dataset alone, and one in between. */
const batches = [1, 2, batchSize];

/**
 * Runs a graph on images as workers will, on the same device and with the same batch sizes, in a separate process:
 * failures and crashes are found before the first image is read. `what` names the graph in errors.
 *
 * @throws FaroutError OOD_ONNX_REFUSED with onnxruntime's message; OOD_DEVICE_UNAVAILABLE
 */
export async function tryGraph(what: string, graph: GraphParts, crop: number, device: Device): Promise<void> {
  const session = await orRefuse(`onnxruntime cannot open ${what}`, () => openGraphApart(graph, device));
  try {
    for (const count of batches) {
      const data = Uint8Array.from(
        { length: count * crop * crop * 3 },
        (_, i) => (Math.imul(i, 2654435761) >>> 24) & 255,
      );
      await orRefuse(`onnxruntime cannot run ${what} on ${count === 1 ? 'an image' : `${count} images`}`, () =>
        runOnPixels(session, { data, shape: [count, crop, crop, 3] }),
      );
    }
  } finally {
    await session.release();
  }
}

/** Opens a graph in a separate process, through a temporary file: its bytes would otherwise be copied between processes. */
export async function openGraphApart(graph: GraphParts, device: Device): Promise<Session> {
  const how = { threads: 1, device, apart: true };
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-graph-')).catch(() => undefined);
  if (folder === undefined) return openSession(Buffer.concat(graph), how);
  const file = path.join(folder, 'graph.onnx');
  try {
    const written = await writeFile(file, graph).then(
      () => true,
      () => false,
    );
    return await openSession(written ? file : Buffer.concat(graph), how);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * ONNX files run by onnxruntime alone, each in a separate process. Each file is opened only once, because opening a
 * large one takes longer than running it.
 */
export class ForeignFiles {
  readonly #sessions = new Map<string, Promise<Session>>();

  /** @throws FaroutError OOD_ONNX_REFUSED when onnxruntime cannot open it, or crashes. */
  open(file: string): Promise<Session> {
    const session = this.#sessions.get(file) ?? openApart(file);
    this.#sessions.set(file, session);
    return session;
  }

  /** Ends the processes. */
  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
  }
}

const openApart = (file: string): Promise<Session> =>
  orRefuse('onnxruntime cannot open it', () => openSession(file, { threads: 1, apart: true }));

/** Converts an error of onnxruntime, or the way its process ended, into a refusal. */
export async function orRefuse<T>(what: string, work: () => Promise<T>, fix = exportAgain): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    throw new FaroutError('OOD_ONNX_REFUSED', `${what}: ${brief((cause as Error).message)}`, { fix, cause });
  }
}

const exportAgain = 'Export the classifier with only the operators of ONNX, in a newer operator set.';

/**
 * onnxruntime's message on one line, without the location in its sources. Names in it come from the file, so they may
 * contain anything.
 */
const brief = (message: string) =>
  message
    .replace(/\/\S+\/onnxruntime\/\S+ .*? was false\. /gs, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 600);
