// One configuration for every package (nx.json says how it is started); modules.mjs says what tests import.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// `--outputFile` (nx.json) writes below it; Jest does not make the folder.
mkdirSync(here('../../tmp/test-results/@farout'), { recursive: true });

export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  runner: 'jest-light-runner/child-process',
  transform: {},
  passWithNoTests: true,
  cacheDirectory: here('../../.nx/jest'),
};
