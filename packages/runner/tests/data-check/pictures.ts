import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { png } from '../fixtures/png.ts';

/** A number in 0..1 that follows from its arguments alone. */
const drawn = (...from: readonly number[]): number =>
  createHash('sha256').update(from.join(' ')).digest().readUInt32BE(0) / 2 ** 32;

/** A picture of soft waves, another for every seed; the same in any size. */
export function picture(seed: number, side = 64): Uint8Array {
  const waves = Array.from({ length: 24 }, (_, i) => ({
    x: Math.PI * Math.floor(drawn(seed, 3 * i) * 9),
    y: Math.PI * Math.floor(drawn(seed, 3 * i + 1) * 9),
    height: drawn(seed, 3 * i + 2) - 0.5,
  }));
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [x, y] = [(Math.floor(at / 3) % side) / side, Math.floor(at / 3 / side) / side];
    return 128 + 24 * waves.reduce((sum, wave) => sum + wave.height * Math.cos(wave.x * x) * Math.cos(wave.y * y), 0);
  });
  return png(side, side, pixels);
}

/** Writes files below a folder. */
export function write(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
}
