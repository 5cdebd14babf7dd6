import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runSmall, scoresOf, spawnSmall, temporaryFolder } from './small-experiment.ts';

const interruptAt = new URL('interrupt-at.mjs', import.meta.url).href;
let whole: string;

beforeAll(async () => {
  whole = temporaryFolder();
  expect(await runSmall(whole)).toMatchObject({ code: 0 });
  const twice = ['--set', 'detectors.ReAct + ODIN=[react, odin]', '--out', 'twice'];
  expect(await runSmall(whole, twice)).toMatchObject({ code: 0 });
});

describe('Ctrl-C', () => {
  it.each([
    { what: 'features are extracted', begun: 'validation: 20 images\n', kept: /^objects: 20 images/m, words: [] },
    {
      what: 'scores are made from images',
      begun: 'Second pass: ',
      kept: /^validation: 20 images/m,
      words: ['--set', 'detectors.ReAct + ODIN=[react, odin]'],
    },
  ])(
    'while $what: keeps what is done, ends by the signal, and the same command goes on',
    async ({ begun, kept, words }) => {
      const folder = temporaryFolder();
      const env = { NODE_OPTIONS: `--import ${interruptAt}`, FAROUT_INTERRUPT_AT: begun };
      const stopped = await spawnSmall(folder, words, { env });
      expect(stopped).toMatchObject({ signal: 'SIGINT', stdout: '' });
      expect(stopped.stderr).toContain('Stopping: finished work is kept');
      expect(existsSync(path.join(folder, 'runs', 'demo'))).toBe(false);
      const resumed = await runSmall(folder, words);
      expect(resumed.code).toBe(0);
      expect(resumed.stderr).not.toMatch(kept);
      expect(scoresOf(folder)).toBe(scoresOf(whole, words.length > 0 ? 'twice' : undefined));
    },
  );
});
