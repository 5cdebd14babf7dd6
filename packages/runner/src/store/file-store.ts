import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, type Store } from '@farout/core';
import { writeAtomically } from './store.ts';

/** A store in a folder: one file an entry, the key is its relative path. Several runs may use it at once. */
export class FileStore implements Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  readonly read = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(path.join(this.#folder, key));
    } catch (cause) {
      if (isAbsent(cause)) return undefined;
      throw failed(`cannot read ${key} in the store ${this.#folder}`, cause);
    }
  };

  readonly write = async (key: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> => {
    try {
      await writeAtomically(path.join(this.#folder, key), bytes);
    } catch (cause) {
      throw failed(`cannot write ${key} in the store ${this.#folder}`, cause);
    }
  };
}

const isAbsent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

const failed = (message: string, cause: unknown) =>
  new FaroutError('OOD_STORE_FAILED', `${message}: ${(cause as Error).message}`, {
    fix: 'Free space, mend its permissions, or name another folder: store: <folder>.',
    cause,
  });
