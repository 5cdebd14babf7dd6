import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from '@jest/globals';
import type { ScorerCase } from '@farout/testing';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** What the paper's code gives for a scorer: a case per network, its first 32 images. Skipped where the data is absent. */
export function goldenCases(column: string): ScorerCase[] {
  return ['resnet50', 'mobilenet-v2'].flatMap((network) => {
    const title = `the first 32 images of ${network} score as with the paper's code`;
    const folder = join(data, 'golden', network);
    if (existsSync(folder)) return [{ title, logits: logitsOf(folder), scores: scoresOf(folder, column) }];
    it.skip(title, () => undefined);
    return [];
  });
}

/** The rows of logits-first32.npy, float32 (32, 1000) behind a header of which bytes 8 and 9 are the length. */
function logitsOf(folder: string): number[][] {
  const file = readFileSync(join(folder, 'logits-first32.npy'));
  const values = new Float32Array(
    file.buffer.slice(file.byteOffset + 10 + file.readUInt16LE(8), file.byteOffset + file.length),
  );
  return Array.from({ length: 32 }, (_, row) => Array.from(values.subarray(row * 1000, (row + 1) * 1000)));
}

function scoresOf(folder: string, column: string): number[] {
  const [header, ...rows] = readFileSync(join(folder, 'scores.csv'), 'utf8')
    .split('\n')
    .map((line) => line.trim().split(','));
  return rows.slice(0, 32).map((row) => Number(row[header!.indexOf(column)]));
}
