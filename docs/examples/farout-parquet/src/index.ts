import { definePlugin } from '@farout/core';
import { parquet } from './parquet.ts';

export { parquet };

/** What an experiment gets by `plugins: [farout-parquet]`. */
export default definePlugin({ name: 'farout-parquet', datasets: [parquet] });
