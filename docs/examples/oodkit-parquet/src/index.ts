import { definePlugin } from '@oodkit/core';
import { parquet } from './parquet.ts';

export { parquet };

/** What an experiment gets by `plugins: [oodkit-parquet]`. */
export default definePlugin({ name: 'oodkit-parquet', datasets: [parquet] });
