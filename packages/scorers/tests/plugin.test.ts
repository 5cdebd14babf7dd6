import { describe, expect, it } from '@jest/globals';
import { scorers } from '../src/index.ts';

describe('the plugin of the built-in scorers', () => {
  it('brings every scorer under the name of its file', () => {
    expect(scorers.scorers?.map(({ name }) => name)).toEqual(['msp', 'max-logit', 'energy', 'odin']);
  });
});
