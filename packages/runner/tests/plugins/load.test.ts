import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaroutError, StateDict, z, type RowContext, type RowsScorer } from '@farout/core';
import { LinalgError } from '@farout/linalg';
import { writeOnnx } from '@farout/onnx';
import { TensorError } from '@farout/tensor';
import { apply } from '@farout/tensor/graph';
import { loadPlugin } from '../../src/plugins/load.ts';
import { folderOf } from '../config/fixture.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../core/package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const place = { file: 'experiment.yaml', line: 2, column: 12, length: 8 };
const loadFrom = (folder: string, specifier: string) => loadPlugin({ specifier, folder, place });

const margin = `
import { definePlugin, defineScorer, scoresFrom, z } from '@farout/core';

const margin = defineScorer({
  name: 'margin',
  params: z.object({ power: z.number().default(1) }),
  rows: ({ power }) => scoresFrom(['logits'], () => ({ logits: { data, shape: [rows, width] } }) => {
    const scores = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const [first, second] = data.slice(row * width, (row + 1) * width).sort().reverse();
      scores[row] = (first - second) ** power;
    }
    return scores;
  }),
});
export const plugin = definePlugin({ name: 'margin', scorers: [margin] });
`;

describe('a plugin', () => {
  it('is loaded from plain JavaScript beside the experiment, with its SHA-256 as origin', async () => {
    const folder = folderOf({ 'margin.mjs': margin });
    const [loaded, ...others] = await loadFrom(folder, './margin.mjs');
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, 'margin.mjs')))
      .digest('hex');
    expect(loaded).toMatchObject({ origin: `./margin.mjs SHA-256 ${hash}`, place, plugin: { name: 'margin' } });
    expect(others).toEqual([]);
    const scorer = loaded!.plugin.scorers![0] as RowsScorer;
    const logits = { data: Float32Array.of(1, 5, 2, 0, 0, 9), shape: [2, 3] } as const;
    const scoring = scorer.rows({ power: 2 });
    expect(scoring.reads).toEqual(['logits']);
    const score = await scoring.prepare({} as RowContext);
    expect(await score({ logits })).toEqual(Float32Array.of(9, 81));
  });

  it('is loaded from TypeScript, with what it imports beside it', async () => {
    const folder = folderOf({
      'plugins/main.ts': `
        import { definePlugin, type PluginDefinition } from '@farout/core';
        import { name } from './name.ts';
        const plugin: PluginDefinition = { name };
        export default definePlugin(plugin);`,
      'plugins/name.ts': `export const name: string = 'typed';`,
    });
    expect(await loadFrom(folder, './plugins/main.ts')).toMatchObject([{ plugin: { name: 'typed' } }]);
  });

  it('is loaded from CommonJS', async () => {
    const folder = folderOf({
      'main.cjs': `module.exports = require('@farout/core').definePlugin({ name: 'common' });`,
    });
    expect(await loadFrom(folder, './main.cjs')).toMatchObject([{ plugin: { name: 'common' } }]);
  });

  it('is loaded by an absolute path', async () => {
    const folder = folderOf({ 'margin.mjs': margin });
    expect(await loadFrom(folderOf({}), join(folder, 'margin.mjs'))).toMatchObject([{ plugin: { name: 'margin' } }]);
  });

  it('is loaded from a package, with its name and version as origin', async () => {
    const manifest = { name: 'farout-margin', version: '3.2.1', type: 'module', exports: './lib/main.js' };
    const folder = folderOf({
      'node_modules/farout-margin/package.json': JSON.stringify(manifest),
      'node_modules/farout-margin/lib/main.js': margin,
      'experiments/x.yaml': '',
    });
    expect(await loadFrom(join(folder, 'experiments'), 'farout-margin')).toMatchObject([
      { origin: 'farout-margin 3.2.1', plugin: { name: 'margin' } },
    ]);
  });

  const withPeer = (peerDependencies: unknown) =>
    folderOf({
      'node_modules/farout-margin/package.json': JSON.stringify({
        ...{ name: 'farout-margin', version: '3.2.1', type: 'module', exports: './lib/main.js', peerDependencies },
      }),
      'node_modules/farout-margin/lib/package.json': JSON.stringify({ type: 'module' }),
      'node_modules/farout-margin/lib/main.js': margin,
    });

  it.each([
    { '@farout/core': `^${version}` },
    { '@farout/core': `>=${version} <99` },
    { '@farout/core': '*' },
    {},
    undefined,
    'odd',
  ])('is loaded from a package made for this version of core: %j', async (peers) => {
    expect(await loadFrom(withPeer(peers), 'farout-margin')).toMatchObject([{ origin: 'farout-margin 3.2.1' }]);
  });

  it.each(['^98.0.0', '^0.98.0', '~0.0.9', 'no range'])(
    'is refused with both versions before it is run when it is made for another core: %s',
    async (range) => {
      const refused = loadFrom(withPeer({ '@farout/core': range }), 'farout-margin');
      await expect(refused).rejects.toMatchObject({
        code: 'OOD_PLUGIN_VERSION',
        place,
        message: `the plugin "farout-margin" requires @farout/core ${range}, but this is @farout/core ${version}`,
      });
    },
  );

  it("gets the host's own core, tensor, onnx, linalg and zod, also in a module that it imports", async () => {
    const folder = folderOf({
      'main.mjs': `
        import { definePlugin, tokens } from '@farout/core';
        import { FaroutError, StateDict, schema, z, TensorError, LinalgError, apply, writeOnnx } from './deep.mjs';
        export const plugin = definePlugin({
          name: 'host',
          services: { [tokens.clock]: () => ({ FaroutError, StateDict, schema, z, TensorError, LinalgError, apply, writeOnnx }) },
        });`,
      'deep.mjs': `
        import { FaroutError, StateDict } from '@farout/core';
        import { LinalgError } from '@farout/linalg';
        import { writeOnnx } from '@farout/onnx';
        import { TensorError } from '@farout/tensor';
        import { apply } from '@farout/tensor/graph';
        import zod, { z } from 'zod';
        export const schema = zod.object({});
        export { FaroutError, StateDict, TensorError, LinalgError, apply, writeOnnx, z };`,
    });
    const [loaded] = await loadFrom(folder, './main.mjs');
    const { services } = loaded!.plugin;
    const seen = services![Symbol.for('farout.clock')]!() as Record<string, unknown>;
    expect(seen.FaroutError).toBe(FaroutError);
    expect(seen.StateDict).toBe(StateDict);
    expect(seen.schema).toBeInstanceOf(z.ZodObject);
    expect(seen.TensorError).toBe(TensorError);
    expect(seen.apply).toBe(apply);
    expect(seen.writeOnnx).toBe(writeOnnx);
    expect(seen.LinalgError).toBe(LinalgError);
  });

  it('may bring several, by name and by default; one that is exported twice counts once', async () => {
    const folder = folderOf({
      'main.mjs': `
        import { definePlugin } from '@farout/core';
        export const one = definePlugin({ name: 'one' });
        export const two = definePlugin({ name: 'two' });
        export default one;`,
    });
    const names = (await loadFrom(folder, './main.mjs')).map(({ plugin }) => plugin.name);
    expect(names.sort()).toEqual(['one', 'two']);
  });
});

describe('a plugin that cannot be used', () => {
  const made = (members: string) =>
    `import { definePlugin, z } from '@farout/core';\nexport const plugin = definePlugin({ name: 'bad', ${members} });\n`;

  it.each([
    ['throws', `\n\nthrow new TypeError('no luck');`, 'OOD_PLUGIN_FAILED', 'failed to load: no luck', 'line 3'],
    ['is no JavaScript', `export const = 1;`, 'OOD_PLUGIN_FAILED', 'failed to load: ', 'Correct '],
    ['imports what is not there', `import 'no-such-package';`, 'OOD_PLUGIN_FAILED', 'no-such-package', 'Correct '],
    ['exports nothing', `export {};`, 'OOD_PLUGIN_INVALID', 'exports no plugin', 'definePlugin'],
    [
      'exports a bare value',
      `export default { name: 'x' };`,
      'OOD_PLUGIN_INVALID',
      'exports no plugin',
      'definePlugin',
    ],
    ['has a member that no plugin has', made('scorer: []'), 'OOD_PLUGIN_INVALID', 'Did you mean "scorers"?', 'Correct'],
    ['has no list', made('scorers: {}'), 'OOD_PLUGIN_INVALID', 'scorers', 'Correct'],
    [
      'has a part without a name',
      made('scorers: [{ params: z.object({}), score() {} }]'),
      'OOD_PLUGIN_INVALID',
      'scorers 0 name must be text',
      'Correct',
    ],
    [
      'has no schema',
      made(`scorers: [{ name: 'm', params: {}, score() {} }]`),
      'OOD_PLUGIN_INVALID',
      'scorers "m" params must be a schema',
      'Correct',
    ],
    [
      'has a scorer that does not score',
      made(`scorers: [{ name: 'm', params: z.object({}) }]`),
      'OOD_PLUGIN_INVALID',
      'scorers "m" needs either score or rows',
      'Correct',
    ],
    [
      'has a hook that rewrites nothing',
      made(`hooks: [{ name: 'h', params: z.object({}) }]`),
      'OOD_PLUGIN_INVALID',
      'hooks "h" rewrites nothing',
      'Correct',
    ],
    [
      'has a backbone that takes no images',
      made(`backbones: [{ name: 'b', params: z.object({}), open() {} }]`),
      'OOD_PLUGIN_INVALID',
      'backbones "b" needs ...imageParameters',
      'Correct',
    ],
    [
      'says more than a line about a part',
      made(`metrics: [{ name: 'm', about: { summary: 'a\\n[31mb' }, better: 'lower', value() {} }]`),
      'OOD_PLUGIN_INVALID',
      'metrics "m" about summary must be a line of text',
      'Correct',
    ],
    ['throws nothing', 'throw null;', 'OOD_PLUGIN_FAILED', 'failed to load: null', 'Correct'],
    [
      'has a dataset that does not open',
      made(`datasets: [{ name: 'd', params: z.object({}) }]`),
      'OOD_PLUGIN_INVALID',
      'datasets "d" open must be a function',
      'Correct',
    ],
    [
      'has a metric without a direction',
      made(`metrics: [{ name: 'm', value() {} }]`),
      'OOD_PLUGIN_INVALID',
      'metrics "m" better',
      'Correct',
    ],
    [
      'has a metric whose title is no line',
      made(`metrics: [{ name: 'm', title: 'a\\nb', better: 'lower', value() {} }]`),
      'OOD_PLUGIN_INVALID',
      'metrics "m" title must be a line of text',
      'Correct',
    ],
    [
      'has a metric at a threshold of no set',
      made(`metrics: [{ name: 'm', at95: 'fit', better: 'lower', value() {} }]`),
      'OOD_PLUGIN_INVALID',
      'metrics "m" at95',
      'Correct',
    ],
    [
      'has services by name',
      made(`services: { clock: () => 1 }`),
      'OOD_PLUGIN_INVALID',
      'services must give a function for each token',
      'Correct',
    ],
  ])('is refused at its place: it %s', async (_title, source, code, message, fix) => {
    const refused = loadFrom(folderOf({ 'main.mjs': source }), './main.mjs');
    await expect(refused).rejects.toMatchObject({
      code,
      place,
      message: expect.stringContaining(message) as unknown,
      fix: expect.stringContaining(fix) as unknown,
    });
  });

  it("carries the plugin's own error with its stack", async () => {
    const folder = folderOf({ 'main.mjs': `throw new RangeError('no luck');` });
    await expect(loadFrom(folder, './main.mjs')).rejects.toMatchObject({
      cause: {
        name: 'RangeError',
        message: 'no luck',
        stack: expect.stringContaining(join(folder, 'main.mjs')) as unknown,
      },
    });
  });

  it('is refused when it cannot be found, a file with its path and a package with its way of writing', async () => {
    const folder = folderOf({ 'margin.mjs': margin });
    await expect(loadFrom(folder, './absent.mjs')).rejects.toMatchObject({
      code: 'OOD_PLUGIN_FAILED',
      fix: `There is no file ${join(folder, 'absent.mjs')}.`,
    });
    await expect(loadFrom(folder, 'farout-margin')).rejects.toMatchObject({
      code: 'OOD_PLUGIN_FAILED',
      fix: expect.stringContaining('leading "./"') as unknown,
    });
  });
});
