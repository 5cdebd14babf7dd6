import type { PageColumn, PageData, PageMetric } from './page-data.ts';

/** What the reader has chosen; all by index. */
export interface Choice {
  metric: number;
  column: number;
  baseline: number;
  /** A part of detectors' names, in small letters. */
  name: string;
  /** Families that are left out. */
  hidden: Set<string>;
}

/** What is chosen before the reader does: the experiment's first metric, on average or on the one set, against its first detector. The average is last; of one set there is none. */
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

/** Whether the reader's filters let a detector pass. */
export function passes({ detectors, families }: PageData, { name, hidden }: Choice, detector: number): boolean {
  return detectors[detector]!.toLowerCase().includes(name) && !hidden.has(families[detector]!);
}

/** The detectors that pass, the best of the chosen column first. */
export function rankedOf(data: PageData, choice: Choice): number[] {
  const { better } = metricOf(data, choice);
  const { values } = columnOf(data, choice);
  const sign = better === 'higher' ? -1 : 1;
  return [...data.detectors.keys()]
    .filter((detector) => values[detector] !== null && passes(data, choice, detector))
    .sort((a, b) => sign * (values[a]! - values[b]!) || a - b);
}
