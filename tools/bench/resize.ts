import { resizeAndCrop } from '../../packages/images/src/resize-and-crop.ts';
import { noise } from '../../packages/images/tests/noise.ts';
import { resizeInTypedArrays } from '../../packages/images/tests/resize-in-typed-arrays.ts';

const recipe = { resize: 256, crop: 224 };
const rounds = 9;

/** Sizes, and how often each is resized in a round. */
const sizes = [
  { width: 227, height: 227, times: 100 },
  { width: 500, height: 375, times: 100 },
  { width: 1600, height: 1200, times: 20 },
  { width: 6000, height: 4000, times: 3 },
];

/** Milliseconds of CPU that a resize takes, in WebAssembly and in typed arrays: medians of interleaved rounds. */
export function resizeSpeeds(): { size: string; wasm: number; typedArrays: number }[] {
  return sizes.map(({ width, height, times }) => {
    const pixels = noise(width, height, 1);
    const [wasm, typedArrays]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      wasm.push(timed(times, () => resizeAndCrop(pixels, recipe)));
      typedArrays.push(timed(times, () => resizeInTypedArrays(pixels, recipe)));
    }
    return { size: `${width} × ${height}`, wasm: median(wasm), typedArrays: median(typedArrays) };
  });
}

function timed(times: number, run: () => unknown): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
