import { createHash } from 'node:crypto';
import { defineStorage, EntryGone, serveStorage, type Storage } from '@farout/core';

/** How a memory is used, and what is in it, by whole addresses. */
export interface Memory {
  readonly entries: Map<string, Uint8Array>;
  /** Of each request what was asked for. */
  readonly asked: string[];
  /** Entries of a page. */
  page: number;
  /** Thrown by whoever writes. */
  refusal: Error | undefined;
}

const versionOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inOrder = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Serves `mem://` in this process out of memory: a storage by the contract, without a network. */
export function serveMemory(): Memory {
  const memory: Memory = { entries: new Map(), asked: [], page: 1000, refusal: undefined };
  serveStorage('mem', () => Promise.resolve(defineStorage({ name: 'mem', open: (address) => open(address, memory) })));
  return memory;
}

function open(address: string, memory: Memory): Storage {
  const { entries, asked } = memory;
  const root = `${address.replace(/\/+$/, '')}/`;
  const read = (key: string) => {
    asked.push(`read ${root}${key}`);
    return Promise.resolve(entries.get(root + key));
  };
  const write = (key: string, bytes: Uint8Array | readonly Uint8Array[]) => {
    if (memory.refusal) return Promise.reject(memory.refusal);
    entries.set(root + key, bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes));
    return Promise.resolve();
  };
  return {
    read,
    readRange: async (key, offset, length) => (await read(key))?.subarray(offset, offset + length),
    write,
    create: async (key, bytes) => !entries.has(root + key) && (await write(key, bytes), true),
    list: (prefix, after = '') => {
      asked.push(`list ${root}${prefix} after ${after}`);
      const keys = [...entries.keys()]
        .filter((key) => key.startsWith(root + prefix))
        .map((key) => key.slice(root.length))
        .filter((key) => inOrder(key, after) > 0)
        .sort(inOrder);
      const found = keys.slice(0, memory.page).map((key) => {
        const bytes = entries.get(root + key)!;
        return { key, size: bytes.length, version: versionOf(bytes), modified: 0 };
      });
      return Promise.resolve({ entries: found, more: keys.length > found.length });
    },
    readVersion: ({ key, version }, { offset = 0, length = Infinity } = {}) => {
      asked.push(`version ${root}${key} ${offset}`);
      const bytes = entries.get(root + key);
      if (!bytes || versionOf(bytes) !== version) return Promise.reject(new EntryGone(`${key} is gone`));
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    remove: (keys) => {
      for (const key of keys) entries.delete(root + key);
      return Promise.resolve();
    },
  };
}
