import type { RunResults } from '@farout/core';
import { metricLabel } from './metric-label.ts';

/** What stands in brackets; undefined when nothing does. */
export const publishedNote = ({ results }: Pick<RunResults, 'results'>): string | undefined =>
  results.some(({ published }) => published !== undefined)
    ? 'In brackets: the published numbers that the experiment gives.'
    : undefined;

/** What must be said about the metrics shown, so that nobody compares two numbers of the same name. */
export const footnotes = ({ metrics }: Pick<RunResults, 'metrics'>): { title: string; meaning: string }[] =>
  metrics.flatMap(({ name }) => {
    const { title, meaning } = metricLabel(name);
    return meaning ? [{ title, meaning }] : [];
  });
