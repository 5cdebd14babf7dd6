import { defineConfig } from 'vitest/config';

// The example plugins' own configuration, and `farout` from its sources.
const conditions = ['@farout/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { globals: true, testTimeout: 600_000 },
});
