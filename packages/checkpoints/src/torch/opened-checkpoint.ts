import type { StorageRecord } from './storage-record.ts';

/** A checkpoint whose pickle has been read, and whose storages have not. */
export interface OpenedCheckpoint {
  /** The pickled object: a dictionary of tensors if all is well. */
  readonly root: unknown;
  /** The bytes of a storage, in a buffer of their own. Throws a Refusal when they are not there as described. */
  readonly load: (storage: StorageRecord) => Promise<ArrayBuffer>;
}

/** The most bytes of a description of tensors that are read, pickle or header. ResNet-50's has 34 kB, a hundred bytes a tensor. */
export const largestDescription = 2 ** 22;
