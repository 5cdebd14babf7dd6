import { resizeAndCrop } from '../../packages/images/src/resize-and-crop.ts';
import { noise } from '../../packages/images/tests/noise.ts';
import { resizeInTypedArrays } from '../../packages/images/tests/resize-in-typed-arrays.ts';
import { recipe } from './photographs.ts';
import { inTurns, ratios, spreadOf, type Spread } from './turns.ts';

const turns = 9;

/** Sizes, and how often each is resized in a turn. */
const sizes = [
  { width: 227, height: 227, times: 200 },
  { width: 500, height: 375, times: 200 },
  { width: 1600, height: 1200, times: 40 },
  { width: 6000, height: 4000, times: 4 },
];

/** CPU ms of a resize, medians of the turns, and the ratio typed arrays ÷ WebAssembly. */
export interface ResizeSpeed {
  readonly size: string;
  readonly wasm: number;
  readonly typedArrays: number;
  readonly ratio: Spread;
}

/** Resizes in WebAssembly and in typed arrays, in turns. */
export async function resizeSpeeds(): Promise<ResizeSpeed[]> {
  const speeds: ResizeSpeed[] = [];
  for (const { width, height, times } of sizes) {
    const pixels = noise(width, height, 1);
    const { wasm, typedArrays } = await inTurns(
      {
        wasm: timed(times, () => resizeAndCrop(pixels, recipe)),
        typedArrays: timed(times, () => resizeInTypedArrays(pixels, recipe)),
      },
      turns,
    );
    speeds.push({
      size: `${width} × ${height}`,
      wasm: spreadOf(wasm).median,
      typedArrays: spreadOf(typedArrays).median,
      ratio: spreadOf(ratios(typedArrays, wasm)),
    });
  }
  return speeds;
}

const timed = (times: number, run: () => unknown) => (): Promise<number> => {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(before);
  return Promise.resolve((user + system) / 1000 / times);
};
