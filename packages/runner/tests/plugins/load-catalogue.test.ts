import { describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defineMetric, definePlugin, z } from '@oodkit/core';
import { loadCatalogue } from '../../src/plugins/load-catalogue.ts';

const m = definePlugin({
  name: '@test/m',
  metrics: [defineMetric({ name: 'auroc', better: 'higher', value: () => 1 })],
});
const f = mkdtempSync(join(tmpdir(), 'oodkit-plugins-'));
const w = (n: string, t: string) => {
  mkdirSync(dirname(join(f, n)), { recursive: true });
  writeFileSync(join(f, n), t);
};
it('x', async () => {
  w(
    'a.mjs',
    `import { definePlugin, defineScorer, z } from '@oodkit/core';
export const plugin = definePlugin({ name: 'a', scorers: [defineScorer({ name: 'margin', params: z.object({}), scoreRows: ({logits}) => new Float32Array(logits.shape[0]) })] });`,
  );
  w(
    'b.ts',
    `import { definePlugin, defineScorer, z, type Rows } from '@oodkit/core'; import { Tensor } from '@oodkit/tensor';
const x: string = 'b'; export default definePlugin({ name: x, scorers: [defineScorer({ name: 'bscore', params: z.object({}), score: () => Tensor })] });`,
  );
  w('c.cjs', `module.exports = require('@oodkit/core').definePlugin({ name: 'c', });`);
  w('t.mjs', `\n\nthrow new TypeError('boom')`);
  const place = { file: 'x', line: 1, column: 1 };
  const c = await loadCatalogue({
    builtIns: [{ plugin: m, version: '1' }],
    plugins: ['./a.mjs', './b.ts', './c.cjs'].map((specifier) => ({ specifier, folder: f, place })),
  });
  console.log(
    c.entries('scorer'),
    c.entries('metric'),
    c.find('scorer', 'margin')!.definition.params instanceof z.ZodObject,
  );
  const e = await loadCatalogue({
    builtIns: [{ plugin: m, version: '1' }],
    plugins: ['./t.mjs', 'none', './none.ts'].map((specifier) => ({ specifier, folder: f, place })),
  }).catch((x: unknown) => x);
  console.log(e, (e as any).errors);
});
