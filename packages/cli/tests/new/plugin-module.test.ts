import { describe, expect, it } from '@jest/globals';
import { pluginModule } from '../../src/new/plugin-module.ts';

describe('pluginModule', () => {
  it('imports every part from its file and brings each by its kind', () => {
    const parts = [
      { kind: 'hook', name: 'acme-hook' },
      { kind: 'scorer', name: 'acme-scorer' },
    ] as const;
    expect(pluginModule({ kind: 'plugin', name: 'acme', language: 'js' }, parts))
      .toBe(`import { definePlugin } from '@farout/core';
import { hook } from './acme-hook.js';
import { scorer } from './acme-scorer.js';

/** What this package brings to farout. */
export default definePlugin({
  name: 'acme',
  hooks: [hook],
  scorers: [scorer],
});
`);
  });
});
