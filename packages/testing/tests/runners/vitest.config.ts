import { defineConfig } from 'vitest/config';

// `farout` runs from its sources here; a plugin's own configuration needs `globals` alone.
const conditions = ['@farout/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { globals: true, include: ['vitest.ts'], testTimeout: 600_000 },
});
