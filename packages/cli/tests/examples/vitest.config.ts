import { defineConfig } from 'vitest/config';

// The example plugins' own configuration, and `oodkit` from its sources.
const conditions = ['@oodkit/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { globals: true, testTimeout: 60_000 },
});
