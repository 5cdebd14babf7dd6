import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const wasm = fileURLToPath(new URL('../wasm.mjs', import.meta.url));

describe('the WebAssembly in the sources of packages', () => {
  it('is what its AssemblyScript compiles to', () => {
    const { status, stderr } = spawnSync(process.execPath, [wasm, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
