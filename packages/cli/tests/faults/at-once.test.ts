import { describe, expect, it } from '@jest/globals';
import { filesBelow, nothingRead, runSmall, scoresOf, spawnSmall, temporaryFolder } from './small-experiment.ts';

describe('runs at once', () => {
  it('on one store, and even into one folder, each come to the same scores', async () => {
    const folder = temporaryFolder();
    const outs = ['one', 'two', 'shared', 'shared'];
    const ended = await Promise.all(outs.map((out) => spawnSmall(folder, ['--out', out])));
    expect(ended.map(({ code, stderr }) => [code, /damaged|rror/.exec(stderr)])).toEqual(outs.map(() => [0, null]));
    expect(new Set(outs.map((out) => scoresOf(folder, out))).size).toBe(1);
    expect(filesBelow(folder).filter((file) => /tmp|old/.test(file))).toEqual([]);
    const after = await runSmall(folder, ['--out', 'after']);
    expect(after).toMatchObject({ code: 0, stderr: nothingRead });
    expect(scoresOf(folder, 'after')).toBe(scoresOf(folder, 'one'));
  });
});
