// One configuration for all packages (started as in nx.json); modules.mjs defines what tests import.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// `--outputFile` (nx.json) writes below this folder, which Jest does not create.
mkdirSync(here('../../tmp/test-results/@farout'), { recursive: true });

// Tests and the programs they start may leave files behind: all get a temporary folder, which is removed at the end.
const temporary = mkdtempSync(path.join(tmpdir(), 'farout-jest-'));
for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));

export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  runner: 'jest-light-runner/child-process',
  transform: {},
  passWithNoTests: true,
  cacheDirectory: here('../../.nx/jest'),
};
