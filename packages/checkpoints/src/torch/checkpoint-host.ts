import type { PickleHost } from '../pickle/machine.ts';
import { describe } from '../pickle/values.ts';
import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';
import { StorageClass, torchGlobal } from './host.ts';
import { StorageRecord } from './storage-record.ts';

/** What the pickle of a checkpoint may reach: the allow-list of globals, and storages by key. */
export class CheckpointHost implements PickleHost {
  /** The storages that the pickle has named so far. */
  readonly storages = new Map<string, StorageRecord>();
  readonly global = torchGlobal;

  /** ('storage', class, key, device, length[, view]): the same key twice is the same storage. */
  readonly persistent = (id: unknown): StorageRecord => {
    if (!Array.isArray(id) || id[0] !== 'storage') {
      throw new Refusal(`it refers to ${describe(Array.isArray(id) ? id[0] : id)} where a storage is expected`);
    }
    const [, storageClass, key, , length, view] = id as unknown[];
    if (!(storageClass instanceof StorageClass) || typeof key !== 'string' || !isLength(length)) {
      throw new Refusal(`a storage is described by ${[storageClass, key, length].map(describe).join(', ')}`);
    }
    if (view !== null && view !== undefined) throw new Refusal(`storage ${shown(key)} is a view on another storage`);
    return this.#same(new StorageRecord(key, storageClass.type, length));
  };

  #same(storage: StorageRecord): StorageRecord {
    const known = this.storages.get(storage.key);
    if (!known) this.storages.set(storage.key, storage);
    else if (known.type !== storage.type || known.length !== storage.length) {
      throw new Refusal(`storage ${shown(storage.key)} is described in two ways`);
    }
    return known ?? storage;
  }
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
