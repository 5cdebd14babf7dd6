import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const [failing, starter, script] = [
  '../../../../tools/failing-fs.mjs',
  '../../../../tools/start-source.mjs',
  './store-away.ts',
].map((file) => fileURLToPath(new URL(file, import.meta.url)));

describe('a store on a network file system', () => {
  it('is waited for while its server is away; a file that is replaced on another host is opened again, and is absent when that does not help', () => {
    const printed = execFileSync(process.execPath, ['--import', failing!, starter!, script!], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual({
      'replaced elsewhere while it was read': 'what was written',
      'the same of a stretch': 'was',
      'stale for good': 'absent',
      'away for a moment': 'what was written',
      'away while it is written': 'written',
      'away for good': 'OOD_STORE_FAILED',
      'a fault that waiting does not mend': 'OOD_STORE_FAILED',
    });
  });
});
