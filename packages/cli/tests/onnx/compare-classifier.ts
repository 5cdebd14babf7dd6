import type { NDArray } from '@farout/tensor';
import { computeHere, openBare, readExported, type BareFile } from './classifier.ts';

/** How far farout is from others, for one classifier. */
export interface Distances {
  /** Largest difference to the logits of the file run by onnxruntime alone; to its probabilities where it ends in them. */
  readonly toOnnxruntime: number;
  /** Largest difference to PyTorch's logits. */
  readonly toPyTorch: number;
  /** ‖ours − PyTorch's‖ / ‖PyTorch's‖ of the gradient of ODIN's loss. */
  readonly gradientToPyTorch: number;
  /** The same gradient along random directions against central differences of the file run by onnxruntime alone. */
  readonly gradientToDifferences: number;
}

const temperature = 1000;
const directions = 3;
/** The longer, the more corners of ReLU lie between; the shorter, the more rounding counts. The best of them is taken. */
const steps = [3e-3, 1e-3, 3e-4, 1e-4, 3e-5];

/** Compares a classifier of `export_classifiers.py`, after reading it, with onnxruntime and PyTorch. */
export async function compareClassifier(folder: string, name: string): Promise<Distances> {
  const channelsLast = name.startsWith('channels_last');
  const exported = await readExported(folder, name);
  const ours = await computeHere(exported);
  const bare = await openBare(exported, channelsLast);
  const classes = ours.logits.length / exported.images.shape[0]!;
  try {
    const result = await bare.run(exported.images);
    return {
      toOnnxruntime: furthest(channelsLast ? probabilities(ours.logits, classes) : ours.logits, result),
      toPyTorch: furthest(ours.logits, exported.logits.data as Float32Array),
      gradientToPyTorch: relative(ours.gradient, exported.gradient.data as Float32Array),
      gradientToDifferences: await alongDirections(ours.gradient, exported.images, (images) =>
        lossOf(bare, images, classes, channelsLast),
      ),
    };
  } finally {
    await bare.release();
  }
}

const furthest = (ours: Float32Array, theirs: Float32Array) =>
  ours.length === theirs.length
    ? theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0)
    : NaN;

const norm = (values: Float32Array) => Math.hypot(...values);

const relative = (ours: Float32Array, theirs: Float32Array) =>
  norm(theirs.map((value, i) => value - ours[i]!)) / norm(theirs);

function probabilities(logits: Float32Array, classes: number): Float32Array {
  const sums = Array.from({ length: logits.length / classes }, (_, row) =>
    logits.subarray(row * classes, (row + 1) * classes).reduce((sum, value) => sum + Math.exp(value), 0),
  );
  return logits.map((value, i) => Math.exp(value) / sums[Math.floor(i / classes)]!);
}

/** ODIN's loss in double precision. Logarithms of probabilities at T = 1 are logits too. */
async function lossOf(bare: BareFile, images: NDArray, classes: number, ofProbabilities: boolean): Promise<number> {
  const rows = await bare.run(images);
  let loss = 0;
  for (let start = 0; start < rows.length; start += classes) {
    const row = Array.from(rows.subarray(start, start + classes), (value) =>
      ofProbabilities ? Math.log(value) : value,
    );
    const largest = Math.max(...row);
    loss += Math.log(row.reduce((sum, value) => sum + Math.exp((value - largest) / temperature), 0));
  }
  return loss;
}

/** The largest error, in units of what a random direction has of the gradient on average. */
async function alongDirections(
  gradient: Float32Array,
  images: NDArray,
  loss: (images: NDArray) => Promise<number>,
): Promise<number> {
  let worst = 0;
  for (let seed = 1; seed <= directions; seed++) {
    const direction = randomSigns(gradient.length, seed);
    const moved = (by: number): NDArray => ({
      ...images,
      data: (images.data as Float32Array).map((value, i) => value + by * direction[i]!),
    });
    const along = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    const errors: number[] = [];
    for (const step of steps) {
      const difference = ((await loss(moved(step))) - (await loss(moved(-step)))) / (2 * step);
      errors.push(Math.abs(difference - along) / norm(gradient));
    }
    worst = Math.max(worst, Math.min(...errors));
  }
  return worst;
}

/** +1 and −1 in an order that depends on the seed alone. */
function randomSigns(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >= 2 ** 31 ? 1 : -1;
  });
}
