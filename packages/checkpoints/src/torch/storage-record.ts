/** An element type that is read, and how bytes become an array of it. */
export interface ElementType {
  readonly name: 'float32' | 'int64';
  /** Bytes of one element. */
  readonly size: number;
  readonly view: (bytes: ArrayBuffer) => Float32Array | BigInt64Array;
}

/** float32 for parameters, int64 for BatchNorm's num_batches_tracked. */
export const elementTypes = {
  float32: { name: 'float32', size: 4, view: (bytes) => new Float32Array(bytes) },
  int64: { name: 'int64', size: 8, view: (bytes) => new BigInt64Array(bytes) },
} as const satisfies Record<string, ElementType>;

/** A run of elements that lies elsewhere in the checkpoint under a key. Several tensors may look at the same one. */
export class StorageRecord {
  readonly key: string;
  readonly type: ElementType;
  /** How many elements it has. */
  readonly length: number;

  constructor(key: string, type: ElementType, length: number) {
    this.key = key;
    this.type = type;
    this.length = length;
  }

  get bytes(): number {
    return this.length * this.type.size;
  }
}
