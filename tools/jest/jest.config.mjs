// One configuration for every package: `jest --config tools/jest/jest.config.mjs --rootDir packages/<name>`.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// `--outputFile` (nx.json) writes below it; Jest does not make the folder.
mkdirSync(here('../../tmp/test-results/@farout'), { recursive: true });

export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  globalSetup: here('compile-sources.mjs'),
  resolver: here('resolve.cjs'),
  testEnvironment: here('environment.mjs'),
  testEnvironmentOptions: { customExportConditions: ['@farout/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      here('transform.cjs'),
      { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } },
    ],
  },
  // No verdict, but an emergency brake for what never ends: ten times what a slow and busy machine needs.
  testTimeout: 1_200_000,
  passWithNoTests: true,
  cacheDirectory: here('../../.nx/jest'),
};
