// One configuration for all packages (started as in nx.json); modules.mjs defines what tests import.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// `--outputFile` (nx.json) writes below this folder, which Jest does not create.
mkdirSync(here('../../tmp/test-results/@farout'), { recursive: true });

export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  runner: 'jest-light-runner/child-process',
  transform: {},
  passWithNoTests: true,
  cacheDirectory: here('../../.nx/jest'),
};
