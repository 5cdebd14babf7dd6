import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { thrownAt } from '../../src/plugins/thrown-at.ts';

const own = fileURLToPath(new URL('../../src/score/score-graph.ts', import.meta.url));
const stacked = (...frames: string[]) => ({
  stack: ['TypeError: no', ...frames.map((frame) => `    at ${frame}`)].join('\n'),
});

describe('thrownAt', () => {
  it.each([
    [
      'a function of the plugin',
      stacked(`score (/photos/mine.mjs:7:12)`, `traceScore (${own}:3:1)`),
      '/photos/mine.mjs:7',
    ],
    ['what the plugin called of ours', stacked(`add (${own}:3:1)`, `/photos/a b/mine.ts:9:2`), '/photos/a b/mine.ts:9'],
    ['an address', stacked(`score (file:///photos/my%20own.mjs:7:12)`), '/photos/my own.mjs:7'],
    [
      'installed packages of ours too',
      stacked('add (/x/node_modules/@farout/core/dist/a.js:1:1)', 'score (/x/node_modules/farout-margin/main.js:4:1)'),
      '/x/node_modules/farout-margin/main.js:4',
    ],
    [
      'nothing of only our own',
      stacked(`traceScore (${own}:3:1)`, 'node:internal/process/task_queues:95:5'),
      undefined,
    ],
    ['nothing without a stack', 'text', undefined],
    ['nothing of nothing', null, undefined],
    ['nothing of a stack that is no text', { stack: 7 }, undefined],
    ['an address of another machine as it is', stacked('score (file://host/mine.mjs:7:12)'), 'file://host/mine.mjs:7'],
  ])('names %s', (_, error, expected) => {
    expect(thrownAt(error)).toBe(expected);
  });
});
