import { defineConfig } from 'vitest/config';

// No verdict: a slow and busy machine may take its time.
export default defineConfig({ test: { globals: true, testTimeout: 120_000 } });
