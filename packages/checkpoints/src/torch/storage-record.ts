import type { ElementType } from './element-types.ts';

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

  /** How many bytes it has in the file. */
  get bytes(): number {
    return this.length * this.type.size;
  }
}
