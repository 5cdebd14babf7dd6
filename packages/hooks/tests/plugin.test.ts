import { describe, expect, it } from '@jest/globals';
import { hooks } from '../src/index.ts';

describe('the plugin of the built-in hooks', () => {
  it('brings every hook under the name of its file', () => {
    expect(hooks.hooks?.map(({ name }) => name)).toEqual(['react']);
  });
});
