import type { Reporter } from '@farout/core';
import { markdownTable } from './markdown-table.ts';

/** Writes the run's tables beside its scores. */
export const markdownReporter: Reporter = { file: 'table.md', render: markdownTable };
