import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodePng } from '@farout/images';
import { runCli } from './run-cli.ts';
import type { Ended } from './spawn-cli.ts';

/** What steers a terminal, hides, or begins a line that looks like one of ours. */
const hostile = 'x\x1b[31m\r\x07\u202e\x9b2J\u200f\n[OOD_FAKE]';
let folder: string;
const png = encodePng({ width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, at) => (at * 7) % 256) });

const experiment = (change: Readonly<Record<string, unknown>> = {}) => ({
  name: 'hostile',
  backbone: { 'demo-resnet': { weights: path.resolve('packages/demo/weights/demo-resnet.pth') } },
  datasets: {
    [`known ${hostile}`]: { 'image-folder': { root: 'images' } },
    [`strange ${hostile}`]: { 'image-folder': { root: 'images' } },
  },
  id: `known ${hostile}`,
  ood: [`strange ${hostile}`],
  detectors: { [`Energy ${hostile}`]: 'energy' },
  store: 'store',
  ...change,
});
const write = (name: string, content: unknown) => writeFileSync(path.join(folder, name), JSON.stringify(content));

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-hostile-'));
  mkdirSync(path.join(folder, 'images'));
  for (const name of ['a.png', `${hostile}.png`]) writeFileSync(path.join(folder, 'images', name), png);
  writeFileSync(path.join(folder, 'images', `bad ${hostile}.png`), 'no image');
  writeFileSync(
    path.join(folder, 'plugin.mjs'),
    `import { definePlugin, defineScorer, z } from '@farout/core';
const name = ${JSON.stringify(`part ${hostile}`)};
export default definePlugin({ name, scorers: [defineScorer({ name, params: z.object({ [name]: z.string().default(name).describe(name) }), score: () => { throw new Error(name); } })] });
`,
  );
  write('fine.yaml', experiment());
  write('throws.yaml', experiment({ plugins: ['./plugin.mjs'], detectors: { [hostile]: `part ${hostile}` } }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plugin = './plugin.mjs';

function expectClean({ stdout, stderr }: Ended): void {
  for (const text of [stdout, stderr]) {
    // Everything but line breaks and the characters of tables and bars.
    expect(text.match(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu) ?? []).toEqual([]);
    expect(text).not.toMatch(/^\[OOD_FAKE\]/m);
  }
}

describe('names that would steer a terminal', () => {
  // What else is printed goes through the same few functions: a process each is dear.
  it.each([
    ['check', ['check', 'fine.yaml'], 0],
    ['run', ['run', 'fine.yaml', '--out', `runs/out ${hostile}`], 0],
    ['run, as JSON', ['run', 'fine.yaml', '--json', '--out', `runs/out ${hostile}`], 0],
    ['report', ['report', `runs/out ${hostile}`], 0],
    ['list', ['list', 'scorers', '--plugin', plugin], 0],
    ['list, as JSON', ['list', '--json', '--plugin', plugin], 0],
    ['explain', ['explain', `part ${hostile}`, '--plugin', plugin], 0],
    ['a detector that throws', ['check', 'throws.yaml'], 1],
    ['a folder that is not there', ['init', hostile], 2],
  ])('are shown as escapes by %s', async (_, words, code) => {
    const ended = await runCli(words, { cwd: folder });
    expectClean(ended);
    expect({ code: ended.code, stderr: code === 0 ? ended.stderr : '' }).toMatchObject({ code });
  });
});
