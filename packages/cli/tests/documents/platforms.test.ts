import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { textOf } from './fenced-blocks.ts';

const binaries = path.join(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), '../bin/napi-v6');
const processors = (system: string) => readdirSync(path.join(binaries, system)).sort().reverse().join(' and ');

describe('README.md', () => {
  it('promises the systems that onnxruntime has binaries for', () => {
    expect(textOf('README.md')).toContain(`- Linux on ${processors('linux')}; macOS on ${processors('darwin')}, `);
  });
});
