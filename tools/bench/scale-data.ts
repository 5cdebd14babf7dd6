// Synthetic features: rows as before a last layer with many classes, drawn with a seed, in files like those of users.
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeNpy, writeNpyParts } from '@farout/checkpoints';
import { noise } from '../../packages/linalg/tests/parts/matrices.ts';

/** The sizes of the features: D and K. */
export interface Size {
  readonly width: number;
  readonly classes: number;
}

/** The files of generated features. */
export interface ScaleData {
  readonly size: Size;
  readonly weight: string;
  /** Labelled rows, equally many per class. */
  readonly fit: string;
  readonly labels: string;
  /** Rows to score. */
  readonly test: string;
}

/** The units that a class excites, and by how much above the noise. */
const unitsOfClass = 32;
const excited = 3;

/**
 * Writes a last layer, and features h = max(m_y + s ∘ n, 0) of rows for fitting, `fit` per class, and of rows to score: n is noise, s decreases from
 * unit to unit, and m_y is larger in the units of class y. The last layer classifies nearly all of them correctly.
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
  // The first outputs of the generator still resemble the seed.
  for (let i = 0; i < 8; i++) next();
  return Array.from({ length: unitsOfClass }, () => Math.floor((next() + 0.5) * width));
}

const blockRows = 1000;
/** The number of noise values; each row uses a range of them. More values would not reduce repetition of rows. */
const noiseLength = 2 ** 22;

/** Writes rows as a .npy file, a block at a time; row i has class i modulo K. */
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
        // Two rows of a class may use the same range; this keeps them from being equal.
        h[0]! += next() + 0.5;
      }
      await handle.write(new Uint8Array(block.buffer));
    }
  } finally {
    await handle.close();
  }
}
