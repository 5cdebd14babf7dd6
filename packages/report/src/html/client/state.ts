import type { PageColumn, PageData, PageMetric } from './page-data.ts';

/** The reader's choices, by index. */
export interface Choice {
  metric: number;
  column: number;
  baseline: number;
  /** The text to find in detector names, in lower case. */
  name: string;
  /** Hidden families. */
  hidden: Set<string>;
}

/** The initial choice: the experiment's first metric and detector, on the average (the last column), or on the only set if there is one set. */
export function firstChoice({ columns, groups }: PageData): Choice {
  const last = columns.length - 1;
  return { metric: 0, column: groups.includes(last) ? 0 : last, baseline: 0, name: '', hidden: new Set() };
}

export function metricOf({ metrics }: PageData, { metric }: Choice): PageMetric {
  return metrics[metric]!;
}

export function columnOf(data: PageData, choice: Choice): PageColumn {
  return metricOf(data, choice).columns[choice.column]!;
}

/** Whether a detector passes the reader's filters. */
export function passes({ detectors, families }: PageData, { name, hidden }: Choice, detector: number): boolean {
  return detectors[detector]!.toLowerCase().includes(name) && !hidden.has(families[detector]!);
}

/** The detectors that pass the filters, best in the chosen column first. */
export function rankedOf(data: PageData, choice: Choice): number[] {
  const { better } = metricOf(data, choice);
  const { values } = columnOf(data, choice);
  const sign = better === 'higher' ? -1 : 1;
  return [...data.detectors.keys()]
    .filter((detector) => values[detector] !== null && passes(data, choice, detector))
    .sort((a, b) => sign * (values[a]! - values[b]!) || a - b);
}
