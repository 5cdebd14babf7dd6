import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const wasm = fileURLToPath(new URL('../wasm.mjs', import.meta.url));

describe('src/resample-wasm.ts of images', () => {
  it('is what its source compiles to', () => {
    const { status, stderr } = spawnSync(process.execPath, [wasm, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
