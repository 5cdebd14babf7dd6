import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { madeGif } from '../made-gif.ts';
import { madePng } from '../made-png.ts';
import { madeTiff } from '../made-tiff.ts';
import { inflatingZstandard } from '../made-zstandard.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const pixel = { width: 1, height: 1, depth: 8, colourType: 2, rows: [[1, 2, 3]] };
const large = { screen: [20_000, 20_000], frame: [0, 0, 20_000, 20_000], indices: [] } as const;

/** 400 MB of zeros behind a name, as PNG's compressed chunks hold them. */
const inflating = () => [...Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(400e6))])];

/** A BMP of 13,000 × 13,000 pixels that ends after its header: as many as are allowed, but not there. */
function shortBmp(): Buffer {
  const bytes = Buffer.alloc(80);
  bytes.write('BM');
  [54, 0, 0, 0].forEach((value, i) => bytes.writeUInt8(value, 10 + i));
  bytes.writeUInt32LE(40, 14);
  bytes.writeUInt32LE(13_000, 18);
  bytes.writeUInt32LE(13_000, 22);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

/** A grey TIFF of one pixel in a tile of 65,520 × 65,520, or of 20,000 × 20,000 in a strip. */
function largeTiff(side: number, tile: number): Buffer {
  const place = tile > 0 ? [[322, tile], [323, tile], [324, 8], [325, 1]] : [[273, 8], [279, 1]]; // prettier-ignore
  const tags = [[256, side], [257, side], [258, 8], [259, 1], [262, 1], ...place] as [number, number][]; // prettier-ignore
  const bytes = Buffer.alloc(10 + 2 + tags.length * 12 + 4);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(10, 4);
  bytes.writeUInt16LE(tags.length, 10);
  tags.forEach(([tag, value], i) => {
    bytes.writeUInt16LE(tag, 12 + i * 12);
    bytes.writeUInt16LE(4, 14 + i * 12);
    bytes.writeUInt32LE(1, 16 + i * 12);
    bytes.writeUInt32LE(value, 20 + i * 12);
  });
  return bytes;
}

/** A grey TIFF of as many rows of 1,000 pixels, whose strip is of Zstandard. */
const zstandard = (height: number, strip: Uint8Array) =>
  madeTiff({ width: 1_000, height, bits: 8, photometric: 1, compression: 50_000 }, strip);
/** A frame that says it holds 3 GB, but holds nothing. */
const boasting = Buffer.from('28b52ffde0005ed0b200000000010000', 'hex');

/** Each file and what becomes of it. */
const bombs: readonly [Uint8Array, RegExp][] = [
  [madePng({ ...pixel, width: 20_000, height: 20_000 }), /exceeds pixel limit/],
  [madeGif(large), /more than 178956970/],
  [largeTiff(20_000, 0), /more than 178956970/],
  [largeTiff(1, 65_520), /tiles of 65520/],
  [shortBmp(), /ends early/],
  [zstandard(1, inflatingZstandard(8e9)), /Zstandard frame is damaged/],
  [zstandard(1, boasting), /Zstandard frame is damaged/],
];

/** What becomes of files, in a process of its own, behind a small one. */
function outcomesOf(files: readonly Uint8Array[], ...options: readonly string[]): { verdict: string; rise: number }[] {
  const folder = mkdtempSync(join(tmpdir(), 'farout-bombs-'));
  try {
    const paths = [madePng(pixel), ...files].map((bytes, i) => {
      writeFileSync(join(folder, `${i}`), bytes);
      return join(folder, `${i}`);
    });
    const words = ['--import', new URL('../../../../tools/ts.mjs', import.meta.url).href, pathOf('peak-memory.ts')];
    const lines = execFileSync(process.execPath, [...options, ...words, ...paths], { encoding: 'utf8' });
    return lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verdict: string; rise: number });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('takes no memory for pixels that are too many or not there, nor for what compressed text inflates to', () => {
  const zeros = inflating();
  const texts = ['zTXt', 'iCCP'].map((name) => [madePng({ ...pixel, chunks: { [name]: zeros } }), /^1 × 1$/] as const);
  const all = [...bombs, ...texts];
  const seen = outcomesOf(all.map(([bytes]) => bytes));
  all.forEach(([, verdict], i) => expect(seen[i]!.verdict).toMatch(verdict));
  expect(Math.max(...seen.map(({ rise }) => rise))).toBeLessThan(40);
});

it('does not take a lack of memory for a damaged file, and reads the next one', () => {
  const [large, small] = [zstandard(40_000, inflatingZstandard(40e6)), zstandard(1, inflatingZstandard(1_000))];
  const seen = outcomesOf([large, small], '--wasm-max-mem-pages=400');
  expect(seen.map(({ verdict }) => verdict)).toEqual(['out of memory for a Zstandard strip', '1000 × 1']);
});
