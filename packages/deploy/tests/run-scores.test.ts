import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { csvLine } from '@farout/core';
import { readRunScores } from '../src/run-scores.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-scores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(lines: readonly string[]): string {
  writeFileSync(path.join(folder, 'scores.csv'), lines.join(''));
  return folder;
}
const header = (...detectors: string[]) => csvLine(['dataset', 'image', 'label', 'predicted', ...detectors]);

describe("a detector's scores in scores.csv", () => {
  it('are those of its column and of the ID sets, in the order of the file', async () => {
    const rows = [
      csvLine(['objects', 'b.png', '1', '1'], ['0.1', '7']),
      csvLine(['noise', 'b.png', '', '1'], ['-5', '']),
      csvLine(['objects', 'a.png', '', '0'], ['-Infinity', '8']),
    ];
    const { all, of } = await readRunScores(written([header('Energy', 'MSP'), ...rows]), 'Energy', ['objects']);
    expect([...all]).toEqual([Math.fround(0.1), -Infinity]);
    expect([of('objects', 'a.png'), of('objects', 'b.png'), of('noise', 'b.png')]).toEqual([
      -Infinity,
      Math.fround(0.1),
      undefined,
    ]);
  });

  it.each(['=1+1.png', "'quoted.png", '-a, b.png', 'said "no".png', 'two\nlines.png', 'a;=1', '\ttab', ''])(
    'are found by names that a spreadsheet or RFC 4180 has written otherwise: %j',
    async (name) => {
      const lines = [header(`+${name}`), csvLine([`@${name}`, name], ['', '3', '1.5'])];
      const { of } = await readRunScores(written(lines), `+${name}`, [`@${name}`]);
      expect(of(`@${name}`, name)).toBe(1.5);
    },
  );

  it.each([
    ['has no such column', [header('MSP')], 'it has no column "Energy"'],
    ['is called as a column of its own', [header('MSP')], 'it has no column "label"', 'label'],
    [
      'has no number for an image',
      [header('Energy'), csvLine(['objects', 'a'], ['', '', ''])],
      '"" is not a valid score of a',
    ],
    [
      'has a word for one',
      [header('Energy'), csvLine(['objects', 'a'], ['', '', 'high'])],
      '"high" is not a valid score of a',
    ],
  ])('are refused where it %s', async (_, lines, message, detector = 'Energy') => {
    await expect(readRunScores(written(lines), detector, ['objects'])).rejects.toMatchObject({
      code: 'OOD_RUN_UNREADABLE',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
