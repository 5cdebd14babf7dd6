import type { Learnt, NDArray, PartContext, Rows } from '@farout/core';
import { input } from '@farout/tensor';
import { drawsOf } from './draws.ts';

/** How many perturbed copies of the last layer there are, and how far each class's weights are moved, relative to their length. */
export interface Perturbation {
  readonly repeats: number;
  readonly distance: number;
}

/** Logits (N, K) of some rows from one perturbed last layer, and the largest softmax probability of each row, (N). */
export interface Projected {
  readonly logits: Float32Array;
  readonly surest: Float32Array;
}

/** Rows of features → the output of each perturbed last layer, one after the other. */
export type Projection = (features: Rows) => AsyncGenerator<Projected>;

/** Perturbed weights are kept up to this many bytes; a run holds no larger arrays. */
const mostKept = 2 ** 26;

/** `perturbed`, (R · K, D), if it is small enough to keep. */
export function learnPerturbed(own: Perturbation, at: PartContext): Learnt {
  const [classes, width] = at.head.weight.shape as [number, number];
  const shape = [own.repeats * classes, width];
  if (shape[0]! * width * Float32Array.BYTES_PER_ELEMENT > mostKept) return {};
  const data = new Float32Array(shape[0]! * width);
  [...drawnHeads(own, at)].forEach((head, repeat) => data.set(head, repeat * head.length));
  return { perturbed: { data, shape } };
}

/** Opens the projection with the weights that `learnPerturbed` kept, or else draws them again from the seed. */
export async function openProjection(own: Perturbation, at: PartContext): Promise<Projection> {
  const { weight, bias } = at.head;
  const logits = input('features', ['N', weight.shape[1]!]).linear(
    input('weight', weight.shape),
    input('bias', bias.shape),
  );
  const run = await at.compile({ logits, surest: logits.softmax().max() });
  return async function* ({ data, shape: [count, width] }) {
    // The products of a single row are summed in another order, so it is passed twice.
    const rows = count === 1 ? Float32Array.from([...data, ...data]) : data;
    const features = { data: rows, shape: [rows.length / width, width] };
    for (const head of at.learnt.perturbed ? cut(at.learnt.perturbed, own.repeats) : drawnHeads(own, at)) {
      at.signal.throwIfAborted();
      const found = await run({ features, weight: { data: head, shape: weight.shape }, bias });
      const surest = found.surest!.data.subarray(0, count) as Float32Array;
      yield { logits: found.logits!.data.subarray(0, count * bias.data.length) as Float32Array, surest };
    }
  };
}

/** Weights (K, D) drawn with the seed: wₖ + δ ‖wₖ‖ n / ‖n‖, n normal. */
function* drawnHeads({ repeats, distance }: Perturbation, { head, seed }: PartContext): Generator<Float32Array> {
  const [classes, width] = head.weight.shape as [number, number];
  const { fillNormal } = drawsOf(seed);
  const weight = head.weight.data as Float32Array;
  const lengths = Array.from({ length: classes }, (_, k) =>
    lengthOf(Float64Array.from(weight.subarray(k * width, (k + 1) * width))),
  );
  const noise = new Float64Array(width);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const moved = weight.slice();
    for (let k = 0; k < classes; k++) {
      fillNormal(noise);
      const step = (distance * lengths[k]!) / lengthOf(noise);
      for (let d = 0, at = k * width; d < width; d++) moved[at + d]! += step * noise[d]!;
    }
    yield moved;
  }
}

function* cut({ data }: NDArray, count: number): Generator<Float32Array> {
  const size = data.length / count;
  for (let i = 0; i < count; i++) yield data.subarray(i * size, (i + 1) * size) as Float32Array;
}

function lengthOf(row: Float64Array): number {
  let square = 0;
  for (const value of row) square += value * value;
  return Math.sqrt(square);
}
