import { defineConfig } from 'vitest/config';

// `oodkit` runs from its sources here; a plugin's own configuration needs `globals` alone.
const conditions = ['@oodkit/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { globals: true, include: ['vitest.ts'], testTimeout: 60_000 },
});
