import type { Curve } from '@farout/core';
import { countsWasm } from './counts-wasm.ts';
import type { DrawnSets, Ranking } from './rankings.ts';

/** Number of draws made at once: WebAssembly looks up an image's counts for all of them in one step. */
export const drawsAtOnce = 16;

/**
 * Memory for the counts of some draws, and for one curve at a time. The curves are computed in WebAssembly, since
 * each one visits every image.
 */
export class DrawRoom {
  /** The number of images: ID, then OOD. */
  readonly images: number;
  readonly #firstOod: number;
  /** For each image, how often it occurs in each draw; followed by one dummy image with zero counts. */
  readonly #counts: Uint8Array;
  readonly #rows: Uint8Array;
  readonly #order: Int32Array;
  readonly #isId: Uint8Array;
  readonly #scores: Float32Array;
  readonly #ties: Int32Array;
  readonly #packEight: Uint8Array;
  readonly #packFour: Uint8Array;
  readonly #drawn: Pick<Curve, 'thresholds' | 'id' | 'ood'>;
  readonly #kernel: Kernel;
  #ranked = 0;
  #tiesEnd = 0;

  constructor({ id, ood, rankings }: DrawnSets) {
    this.images = ood.reduce((sum, set) => sum + set.images, id.images);
    this.#firstOod = id.images;
    const all = rankings.flat();
    const most = wholeFours(all.reduce((longest, { order }) => Math.max(longest, order.length), 0)) + 8;
    const mostTies = wholeFours(all.reduce((longest, { ties }) => Math.max(longest, ties.length), 0));
    const countsBytes = drawsAtOnce * (this.images + 1);
    const bytesEach = 8 + 8 + 4 + 4 + 4 + 1 + drawsAtOnce;
    const { memory, kernel } = open(bytesEach * most + 4 * mostTies + countsBytes + packEight.length + packFour.length);
    let at = 0;
    const take = (bytes: number) => (at += bytes) - bytes;
    const weights = () => new Float64Array(memory, take(8 * most), most);
    const floats = () => new Float32Array(memory, take(4 * most), most);
    const numbers = (length: number) => new Int32Array(memory, take(4 * length), length);
    const bytes = (length: number) => new Uint8Array(memory, take(length), length);
    this.#kernel = kernel;
    this.#drawn = { id: weights(), ood: weights(), thresholds: floats() };
    this.#scores = floats();
    [this.#order, this.#ties] = [numbers(most), numbers(mostTies)];
    [this.#rows, this.#isId, this.#counts] = [bytes(drawsAtOnce * most), bytes(most), bytes(countsBytes)];
    [this.#packEight, this.#packFour] = [bytes(packEight.length), bytes(packFour.length)];
    this.#packEight.set(packEight);
    this.#packFour.set(packFour);
  }

  /** Stores how often each image occurs in the draw at this index (of those made at once). */
  draw(at: number, counts: Uint8Array): void {
    for (let image = 0; image < counts.length; image++) this.#counts[image * drawsAtOnce + at] = counts[image]!;
  }

  /** Selects the ranking of the curves that follow. */
  rank({ order, scores, ties }: Ranking): void {
    this.#order.set(order);
    this.#scores.set(scores);
    this.#ties.set(ties);
    this.#ranked = wholeFours(order.length);
    this.#tiesEnd = this.#ties.byteOffset + ties.byteLength;
    this.#order.fill(this.images, order.length, this.#ranked);
    this.#kernel.lineUp(
      ...([this.#order.byteOffset, this.#ranked, this.#firstOod, this.#counts.byteOffset] as const),
      ...([this.#rows.byteOffset, this.#ranked, this.#isId.byteOffset] as const),
    );
  }

  /** The curve of the draw at this index. Overwrites the previous curve. */
  curveOf(at: number, idTotal: number, oodTotal: number): Curve {
    const { thresholds, id, ood } = this.#drawn;
    const length = this.#kernel.curveOf(
      ...([this.#rows.byteOffset + at * this.#ranked, this.#isId.byteOffset, this.#scores.byteOffset] as const),
      ...([this.#ties.byteOffset, this.#tiesEnd] as const),
      ...([this.#packEight.byteOffset, this.#packFour.byteOffset] as const),
      ...([thresholds.byteOffset, id.byteOffset, ood.byteOffset] as const),
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

const wholeFours = (length: number) => 4 * Math.ceil(length / 4);

/**
 * For each subset of some numbers of `bytes` bytes each: the indices of the subset's bytes, in order, then 255 as
 * padding. The lowest bit of a subset stands for the first number.
 */
function packings(numbers: number, bytes: number): Uint8Array {
  const all = new Uint8Array(2 ** numbers * numbers * bytes).fill(255);
  for (let choice = 0; choice < 2 ** numbers; choice++) {
    let at = choice * numbers * bytes;
    for (let byte = 0; byte < numbers * bytes; byte++) if (choice & (1 << Math.floor(byte / bytes))) all[at++] = byte;
  }
  return all;
}

const [packEight, packFour] = [packings(8, 1), packings(4, 4)];

/** See assembly/counts.ts. */
interface Kernel {
  readonly lineUp: (
    ...addresses: [
      ...[order: number, images: number, firstOod: number, counts: number],
      ...[rows: number, stride: number, isId: number],
    ]
  ) => void;
  readonly curveOf: (
    ...addresses: [
      ...[row: number, isId: number, scores: number, ties: number, tiesEnd: number],
      ...[packEight: number, packFour: number],
      ...[thresholds: number, id: number, ood: number],
    ]
  ) => number;
}

/** The part of WebAssembly used here. Its types belong to the DOM library, which these sources do not use. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const bytesPerPage = 65_536;

function open(bytes: number): { memory: ArrayBuffer; kernel: Kernel } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / bytesPerPage) });
  const module = new WebAssembly.Module(Buffer.from(countsWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory: memory.buffer, kernel: exports as Kernel };
}
