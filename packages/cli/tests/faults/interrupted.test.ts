import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runSmall, scoresOf, spawnSmall, temporaryFolder } from './small-experiment.ts';

const interruptAt = new URL('interrupt-at.mjs', import.meta.url).href;
let whole: string;

beforeAll(async () => {
  whole = temporaryFolder();
  expect(await runSmall(whole)).toMatchObject({ code: 0 });
});

describe('Ctrl-C', () => {
  it.each([
    ['features are extracted', 'validation: 20 images\n'],
    ['scores are made from images', 'ODIN, objects: 20 images\n'],
  ])('while %s: keeps what is done, ends by the signal, and the same command goes on', async (_, begun) => {
    const folder = temporaryFolder();
    const env = { NODE_OPTIONS: `--import ${interruptAt}`, FAROUT_INTERRUPT_AT: begun };
    const stopped = await spawnSmall(folder, [], { env });
    expect(stopped).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(stopped.stderr).toContain('Stopping: what is done is kept');
    expect(existsSync(path.join(folder, 'runs', 'demo'))).toBe(false);
    const resumed = await runSmall(folder);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).not.toMatch(/^objects: 20 images/m);
    expect(scoresOf(folder)).toBe(scoresOf(whole));
  });
});
