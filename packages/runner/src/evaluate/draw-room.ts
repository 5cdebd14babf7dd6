import type { Curve } from '@farout/core';
import { countsWasm } from './counts-wasm.ts';
import type { DrawnSets, Ranking } from './rankings.ts';

/**
 * Memory for the counts of some draws, and for one curve after another. WebAssembly makes the curves, since each of them takes a look at
 * every image.
 */
export class DrawRoom {
  /** Of each draw, how often each image came: the ID images, then those of each OOD set. */
  readonly counts: readonly Uint8Array[];
  readonly #firstOod: number;
  readonly #order: Int32Array;
  readonly #scores: Float32Array;
  readonly #places: Int32Array;
  readonly #drawn: Pick<Curve, 'thresholds' | 'id' | 'ood'>;
  readonly #countsOf: CountsOf;
  #images = 0;

  constructor({ id, ood, rankings }: DrawnSets, draws: number) {
    const images = ood.reduce((sum, set) => sum + set.images, id.images);
    const most = rankings.flat().reduce((longest, { order }) => Math.max(longest, order.length), 1);
    const { memory, countsOf } = open(most * (8 + 8 + 4 + 4 + 4 + 4) + draws * images);
    let at = 0;
    const take = (bytes: number) => (at += bytes) - bytes;
    this.#countsOf = countsOf;
    this.#firstOod = id.images;
    const weights = () => new Float64Array(memory, take(8 * most), most);
    const floats = () => new Float32Array(memory, take(4 * most), most);
    const numbers = () => new Int32Array(memory, take(4 * most), most);
    this.#drawn = { id: weights(), ood: weights(), thresholds: floats() };
    this.#scores = floats();
    [this.#order, this.#places] = [numbers(), numbers()];
    this.counts = Array.from({ length: draws }, () => new Uint8Array(memory, take(images), images));
  }

  /** From here on curves are of this ranking. */
  rank({ order, scores }: Ranking): void {
    this.#order.set(order);
    this.#scores.set(scores);
    this.#images = order.length;
  }

  /** The curve of a draw; it lies where the last one lay. */
  curveOf(counts: Uint8Array, idTotal: number, oodTotal: number): Curve {
    const { thresholds, id, ood } = this.#drawn;
    const length = this.#countsOf(
      ...([this.#order.byteOffset, this.#scores.byteOffset, this.#images, counts.byteOffset, this.#firstOod] as const),
      ...([this.#places.byteOffset, thresholds.byteOffset, id.byteOffset, ood.byteOffset] as const),
    );
    return {
      thresholds: thresholds.subarray(0, length),
      id: id.subarray(0, length),
      ood: ood.subarray(0, length),
      idTotal,
      oodTotal,
    };
  }
}

/** See assembly/counts.ts. */
type CountsOf = (
  ...addresses: [
    ...[order: number, scores: number, images: number, counts: number, firstOod: number],
    ...[places: number, thresholds: number, id: number, ood: number],
  ]
) => number;

/** What of WebAssembly is used: it belongs to browsers' types, which these sources do without. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const bytesPerPage = 65_536;

function open(bytes: number): { memory: ArrayBuffer; countsOf: CountsOf } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / bytesPerPage) });
  const module = new WebAssembly.Module(Buffer.from(countsWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory: memory.buffer, countsOf: (exports as { readonly countsOf: CountsOf }).countsOf };
}
