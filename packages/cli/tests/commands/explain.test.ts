import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { builtIns } from '../../src/built-ins.ts';
import { runCli } from '../run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A plugin that says what its scorer is, and brings a metric that does not. */
const margin = `
import { defineMetric, definePlugin, defineScorer, z } from '@farout/core';
const margin = defineScorer({
  name: 'margin',
  about: { summary: 'The gap between two logits.', formula: 'S = a − b', source: 'nobody, 1999' },
  params: z.object({
    power: z.number().positive().default(2).describe('p, unitless'),
    class: z.int(),
  }),
  score: ({ logits }) => logits.max(),
});
const bare = defineMetric({ name: 'bare', better: 'lower', value: () => 0 });
export default definePlugin({ name: 'margin', scorers: [margin], metrics: [bare] });
`;

/** A plugin whose defaults JSON has not. */
const unwritable = `
import { definePlugin, defineScorer, z } from '@farout/core';
const params = z.object({
  exponent: z.bigint().default(3n).describe('k'),
  kernel: z.custom().default(() => function gaussian() {}).describe('w'),
  limit: z.number().default(Infinity),
  seed: z.custom().default(() => { throw new Error('no entropy'); }),
  width: z.number().positive().describe('h'),
});
export default definePlugin({ name: 'unwritable', scorers: [defineScorer({ name: 'unwritable', params, rows: () => 0 })] });
`;

beforeAll(() => {
  writeFileSync(path.join(folder, 'margin.mjs'), margin);
  writeFileSync(path.join(folder, 'unwritable.mjs'), unwritable);
});
const farout = (...words: string[]) => runCli(words, { cwd: folder });

describe('farout explain', () => {
  it('shows the values that others publish for the parameters', async () => {
    const { stdout } = await farout('explain', 'vim');
    expect(stdout).toContain('\n  Preset openood: dimension: {sweep: [256, 1000]}.\n');
  });

  it("shows a plugin's part as it does built-in ones: formula, source, parameters with type, meaning and default", async () => {
    const { code, stdout, stderr } = await farout('explain', 'margin', '--plugin', './margin.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/[0-9a-f]{64}/, '#')).toBe(`margin, a scorer

  The gap between two logits.

  S = a − b

  From nobody, 1999.

  Parameters
    power = 2
        a number above 0
        p, unitless
    class (required)
        a whole number

  Provided by ./margin.mjs SHA-256 #.
`);
  });

  it('says what is known of a part that says nothing', async () => {
    const { stdout } = await farout('explain', 'bare', '--plugin', './margin.mjs');
    expect(stdout).toMatch(/^bare, a metric\n\n {2}lower is better\n\n {2}Provided by /);
  });

  it('shows defaults that JSON has not as text: a bigint, a function, an infinite number', async () => {
    const { code, stdout, stderr } = await farout('explain', 'unwritable', '--plugin', './unwritable.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of ['exponent = 3n', 'kernel = [Function: gaussian]', 'limit = Infinity', 'width (required)']) {
      expect(stdout).toContain(`\n    ${line}\n`);
    }
    expect(stdout).toContain('\n    seed\n');
    expect(stdout).toContain('\n        a number above 0\n        h\n');
  });

  it('proposes a name for one that nothing has', async () => {
    const { code, stderr } = await farout('explain', 'enrgy');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^there is no part called "enrgy"\nDid you mean "energy"\?/);
  });

  it('knows a part by another name of the field, also by a slip of it', async () => {
    const { code, stdout } = await farout('explain', 'mds');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mahalanobis, a scorer\n/);
    expect(stdout).toContain('\n  Also called mds.\n');
    expect((await farout('explain', 'mdss')).stderr).toContain('Did you mean "mds"?');
    expect((await farout('list', 'scorers')).stdout).toMatch(/^ {2}max-logit .*The largest logit\. \(also mls\)$/m);
  });

  it('has something to say of every built-in part', () => {
    const parts = builtIns.flatMap(({ plugin: { backbones, hooks, scorers, datasets, metrics } }) => [
      ...(backbones ?? []),
      ...(hooks ?? []),
      ...(scorers ?? []),
      ...(datasets ?? []),
      ...(metrics ?? []),
    ]);
    expect(parts.filter(({ about }) => !about).map(({ name }) => name)).toEqual([]);
  });
});

describe('--plugin', () => {
  it('lists what a plugin brings beside the built-in parts, with its origin', async () => {
    const { stdout } = await farout('list', 'scorers', '--plugin', './margin.mjs');
    expect(stdout).toMatch(/^ {2}energy +@farout\/scorers /m);
    expect(stdout).toMatch(/^ {2}margin +\.\/margin\.mjs SHA-256 [0-9a-f]{8}… +The gap between two logits\.$/m);
  });

  it('takes a plugin whose defaults JSON has not: list and schema', async () => {
    const listed = await farout('list', 'scorers', '--plugin', './unwritable.mjs');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^ {4}exponent = 3n +k$/m);
    const written = await farout('schema', '--plugin', './unwritable.mjs', '--to', 'unwritable.json');
    expect(written).toMatchObject({ code: 0, stderr: '' });
    const { $defs } = JSON.parse(readFileSync(path.join(folder, 'unwritable.json'), 'utf8')) as { $defs: object };
    const valid = new Ajv2020({ strict: false }).compile({ $defs, $ref: '#/$defs/scorer' });
    expect(valid({ unwritable: { width: 1, kernel: 'any' } })).toBe(true);
    expect(valid({ unwritable: { width: 'wide' } })).toBe(false);
    expect(valid({ unwritable: {} })).toBe(false);
    expect(valid({ unwritable: { width: 1, depth: 1 } })).toBe(false);
  });

  it('refuses a plugin that is not there', async () => {
    const { code, stderr } = await farout('list', '--plugin', './gone.mjs');
    expect(code).toBe(2);
    expect(stderr).toContain('the plugin "./gone.mjs" cannot be found');
  });
});
