import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import envPaths from 'env-paths';
import type { Experiment } from '../experiment.ts';

/** The folder of the store: the experiment's, or oodkit's in the user's cache folder. */
export const storeFolder = ({ store }: Pick<Experiment, 'store'>): string =>
  store ?? envPaths('oodkit', { suffix: '' }).cache;

/**
 * Lays a graph down as a file for the workers, because a session opened by path takes a third less memory. It is named
 * by its hash and stays, so that a run which goes on after it was killed finds it.
 */
export async function graphFile(folder: string, graph: Uint8Array, hash: string): Promise<string> {
  const file = path.join(folder, 'graphs', `${hash}.onnx`);
  if (await hasSize(file, graph.length)) return file;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, graph, { flag: 'wx', flush: true });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return file;
}

const hasSize = (file: string, size: number) =>
  stat(file).then(
    (found) => found.size === size,
    () => false,
  );
