import path from 'node:path';
import type { Logger } from '@farout/core';
import envPaths from 'env-paths';
import type { Experiment } from '../experiment.ts';
import { Entries } from './entries.ts';
import { FileStore } from './file-store.ts';

/** The folder of the store: the experiment's, or farout's in the user's cache folder. */
export const storeFolder = ({ store }: Pick<Experiment, 'store'>): string =>
  store ?? envPaths('farout', { suffix: '' }).cache;

/**
 * Lays a graph down as a file for the workers, because a session opened by path takes a third less memory. It is named
 * by its SHA-256 and stays, so that a run which goes on after it was killed finds it.
 *
 * @throws FaroutError OOD_STORE_FAILED when the folder cannot be written: before the first image is read.
 */
export async function graphFile(
  folder: string,
  graph: { readonly bytes: readonly Uint8Array[]; readonly hash: string },
  logger: Pick<Logger, 'warn'>,
): Promise<string> {
  const store = new FileStore(folder);
  const entries = new Entries({ store, logger });
  const key = `graphs/${graph.hash}.onnx`;
  if (!(await entries.readBytes(key, graph.hash))) await store.write(key, graph.bytes);
  return path.join(folder, key);
}
