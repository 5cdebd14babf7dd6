import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { backboneChecks } from '../../src/checks/backbone.ts';
import { datasetChecks } from '../../src/checks/dataset.ts';
import { hookChecks } from '../../src/checks/hook.ts';
import { metricChecks } from '../../src/checks/metric.ts';
import { scorerChecks } from '../../src/checks/scorer.ts';
import { testSamplePlugin } from './test-sample-plugin.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const root = pathOf('../../../../');

/** One case for each of the five parts, and the clauses of their contracts. */
const tests =
  5 +
  [backboneChecks, datasetChecks, hookChecks, metricChecks, scorerChecks].reduce((sum, { length }) => sum + length, 0);

/** What does not apply: 8 clauses each to a hook and a scorer that neither learn nor read more, 3 to parameters of none, 5 to a backbone. */
const skipped = 8 + 8 + 3 + 5;

/** How another runner is started on the sample plugin's tests, and how it counts those that passed and failed. */
const runners = {
  'node:test': {
    words: [
      '--import',
      new URL('../../../../tools/ts.mjs', import.meta.url).href,
      '--test',
      '--test-reporter=tap',
      pathOf('node-test.ts'),
    ],
    passed: `# pass ${tests - skipped}\n`,
    skipped: `# skipped ${skipped}\n`,
    failed: (count: number) => `# fail ${count}\n`,
  },
  vitest: {
    words: [`${root}/node_modules/vitest/vitest.mjs`, 'run', '--root', pathOf('.')],
    passed: `${tests - skipped} passed`,
    skipped: `${skipped} skipped (${tests})`,
    failed: (count: number) => `${count} failed`,
  },
};

function start({ words }: (typeof runners)['node:test'], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { status, output: stripVTControlCharacters(`${stdout}${stderr}`) };
}

describe.each(Object.entries(runners))('the tests of a plugin under %s', (_, runner) => {
  it('are all found, and pass or are skipped', () => {
    const { status, output } = start(runner);
    expect(output).toContain(runner.passed);
    expect(output).toContain(runner.skipped);
    expect(status).toBe(0);
  });

  it('fail where the plugin does, and say so', () => {
    const { status, output } = start(runner, { FAROUT_SAMPLE_EXPECTED: '3' });
    expect(output).toContain('scores the largest logit: number 0 is 2, expected 3');
    expect(output).toContain(runner.failed(1));
    expect(status).toBe(1);
  });
});

describe('the tests of a plugin under Jest', () => testSamplePlugin());
