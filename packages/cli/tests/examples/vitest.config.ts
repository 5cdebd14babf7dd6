import path from 'node:path';
import { defineConfig } from 'vitest/config';

// The example plugins' own configuration, `farout` as tools/jest/compile-sources.mjs has compiled it, and one worker for all files.
const conditions = ['@farout/source', 'node'];
const alias = { '@farout': path.join(process.env.FAROUT_COMPILED!, 'node_modules', '@farout') };

export default defineConfig({
  resolve: { conditions, alias },
  ssr: { resolve: { conditions } },
  test: {
    globals: true,
    testTimeout: 600_000,
    isolate: false,
    fileParallelism: false,
    server: { deps: { external: [/[\\/]tmp[\\/]compiled[\\/]/] } },
  },
});
