import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { madeGif } from '../made-gif.ts';
import { madePng } from '../made-png.ts';

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
function madeTiff(side: number, tile: number): Buffer {
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

/** Each file and what becomes of it. */
const bombs: readonly [Uint8Array, RegExp][] = [
  [madePng({ ...pixel, width: 20_000, height: 20_000 }), /exceeds pixel limit/],
  [madeGif(large), /more than 178956970/],
  [madeTiff(20_000, 0), /more than 178956970/],
  [madeTiff(1, 65_520), /tiles of 65520/],
  [shortBmp(), /ends early/],
];

it('takes no memory for pixels that are too many or not there, nor for what compressed text inflates to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farout-bombs-'));
  try {
    const zeros = inflating();
    const texts = ['zTXt', 'iCCP'].map(
      (name) => [madePng({ ...pixel, chunks: { [name]: zeros } }), /^1 × 1$/] as const,
    );
    const all = [...bombs, ...texts];
    const files = [madePng(pixel), ...all.map(([bytes]) => bytes)].map((bytes, i) => {
      writeFileSync(join(folder, `${i}`), bytes);
      return join(folder, `${i}`);
    });
    const words = ['--import', new URL('../../../../tools/ts.mjs', import.meta.url).href, pathOf('peak-memory.ts')];
    const lines = execFileSync(process.execPath, [...words, ...files], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const seen = lines.map((line) => JSON.parse(line) as { verdict: string; rise: number });
    all.forEach(([, verdict], i) => expect(seen[i]!.verdict).toMatch(verdict));
    expect(Math.max(...seen.map(({ rise }) => rise))).toBeLessThan(40);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
