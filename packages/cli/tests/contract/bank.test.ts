import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { scoresIn, type Scores } from './scores.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-bank-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bank = 600;
/** How many rows of the bank are read at once. */
const stretch = 256;

describe('a bank', () => {
  let scores: Scores;
  beforeAll(async () => {
    const numbered = (first: number, count: number) => ({ numbered: { first, count, side: 16 } });
    const file = path.join(folder, 'bank.yaml');
    const experiment = {
      name: 'bank',
      plugins: [fileURLToPath(new URL('bank.ts', import.meta.url))],
      backbone: { means: { resize: 16, crop: 16 } },
      datasets: { many: numbered(1000, bank), inside: numbered(0, 6), outside: numbered(1000, 6) },
      ...{ id: 'inside', fit: 'many', ood: ['outside'], metrics: ['auroc'], store: 'store', allowOverlap: true },
      detectors: { Nearest: 'nearest-wide', Seen: 'seen' },
    };
    writeFileSync(file, JSON.stringify(experiment));
    const { code, stderr } = await runCli(['run', file, '--no-report', '--out', 'run'], { cwd: folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const text = (name: string) => readFileSync(path.join(folder, 'run', name), 'utf8');
    expect((JSON.parse(text('results.json')) as RunResults).failed).toEqual([]);
    scores = scoresIn(text('scores.csv'));
  });

  it('comes in blocks, of which none is kept: memory does not follow the bank', () => {
    const [blocks, largest, left] = scores.inside!.Seen!;
    expect(blocks).toBe(Math.ceil(bank / stretch));
    expect(largest).toBe(stretch);
    // The last one may be on the stack yet.
    expect(left).toBeLessThanOrEqual(1);
  });

  it('holds the images that it is made of', () => {
    const [inside, outside] = [scores.inside!.Nearest!, scores.outside!.Nearest!];
    expect(outside.every((cosine) => Math.abs(cosine - 1) < 1e-5)).toBe(true);
    expect(Math.max(...inside)).toBeLessThan(Math.min(...outside));
  });
});
