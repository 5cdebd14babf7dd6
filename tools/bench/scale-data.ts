// Features of no network: rows as a last layer of many classes could have them, drawn by a seed, in files as users bring theirs.
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeNpy, writeNpyParts } from '@farout/checkpoints';
import { noise } from '../../packages/linalg/tests/parts/matrices.ts';

/** How large the features are: D and K. */
export interface Size {
  readonly width: number;
  readonly classes: number;
}

/** The files of generated features. */
export interface ScaleData {
  readonly size: Size;
  readonly weight: string;
  /** Rows with labels, as many of each class. */
  readonly fit: string;
  readonly labels: string;
  /** Rows to be scored. */
  readonly test: string;
}

/** Units that a class excites, and by how much beyond the noise. */
const unitsOfClass = 32;
const excited = 3;

/**
 * Writes a last layer, and features h = max(m_y + s ∘ n, 0) of rows to learn from, `fit` of each class, and of rows to be scored: n noise, s
 * falling from unit to unit, m_y more in the units of the class y. The last layer recognises nearly all of them.
 */
export async function writeScaleData(
  folder: string,
  size: Size,
  rows: { readonly fit: number; readonly test: number },
): Promise<ScaleData> {
  const at = (name: string) => path.join(folder, `${name}.npy`);
  const { width, classes } = size;
  const weight = new Float32Array(classes * width);
  for (let y = 0; y < classes; y++) for (const unit of unitsOf(y, width)) weight[y * width + unit] = 0.3;
  await writeFile(at('weight'), writeNpy({ data: weight, shape: [classes, width] }));
  const labels = Int32Array.from({ length: rows.fit * classes }, (_, row) => row % classes);
  await writeFile(at('labels'), writeNpy({ data: labels, shape: [labels.length] }));
  await writeRows(at('fit'), labels.length, size, 1);
  await writeRows(at('test'), rows.test, size, 2);
  return { size, weight: at('weight'), labels: at('labels'), fit: at('fit'), test: at('test') };
}

/** The units of a class, drawn by its number. */
function unitsOf(y: number, width: number): number[] {
  const next = noise(y + 1);
  // What the generator gives first still looks like the seed.
  for (let i = 0; i < 8; i++) next();
  return Array.from({ length: unitsOfClass }, () => Math.floor((next() + 0.5) * width));
}

const blockRows = 1000;
/** Numbers of noise, of which each row takes a stretch: longer ones would repeat rows no less. */
const noiseLength = 2 ** 22;

/** Writes rows as a .npy file, a block at a time; row i is of the class i modulo K. */
async function writeRows(file: string, count: number, { width, classes }: Size, seed: number): Promise<void> {
  const next = noise(seed);
  // Sums of three are nearly normal.
  const drawn = Float32Array.from({ length: noiseLength }, () => 2 * (next() + next() + next()));
  const scales = Float32Array.from({ length: width }, (_, unit) => 1 / (1 + unit / 64));
  const units = Array.from({ length: classes }, (_, y) => unitsOf(y, width));
  const [magic, header] = writeNpyParts({ data: new Float32Array(0), shape: [0, width] });
  const padded = Buffer.from(header!).toString('latin1').replace('(0,', `(${count},`).trimEnd();
  const handle = await open(file, 'w');
  try {
    await handle.write(magic!);
    await handle.write(Buffer.from(`${padded.padEnd(header!.length - 1)}\n`, 'latin1'));
    for (let first = 0; first < count; first += blockRows) {
      const block = new Float32Array(Math.min(blockRows, count - first) * width);
      for (let row = 0; row * width < block.length; row++) {
        const h = block.subarray(row * width, (row + 1) * width);
        const from = Math.floor((next() + 0.5) * (noiseLength - width));
        for (let unit = 0; unit < width; unit++) h[unit] = scales[unit]! * drawn[from + unit]!;
        for (const unit of units[(first + row) % classes]!) h[unit]! += excited;
        for (let unit = 0; unit < width; unit++) h[unit] = Math.max(h[unit]!, 0);
        // Two rows of a class may have the same stretch: no two are equal for that.
        h[0]! += next() + 0.5;
      }
      await handle.write(new Uint8Array(block.buffer));
    }
  } finally {
    await handle.close();
  }
}
