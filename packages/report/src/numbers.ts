import type { DatasetSummary, Interval, MetricTraits, RunResults } from '@farout/core';

/** Shown where there is no number. */
export const absent = '—';

/** A fraction as percent with two decimals, without the percent sign: 0.5 → `50.00`. */
export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? absent : (100 * fraction).toFixed(2);

/** An interval in percent: `[92.41, 93.80]`. */
export const bracketed = ({ low, high }: Pick<Interval, 'low' | 'high'>): string =>
  `[${percent(low)}, ${percent(high)}]`;

const inEnglish = new Intl.NumberFormat('en-US');

/** A number of things: `1 image`, `50,000 images`. */
export const counted = (count: number, thing: string): string =>
  `${inEnglish.format(count)} ${thing}${count === 1 ? '' : 's'}`;

/** The network's accuracy on the ID set, and a description of that set. */
interface IdAccuracy {
  /** `76.13 %`, or a dash when no image is labelled. */
  readonly accuracy: string;
  /** `imagenet-val, 50,000 images`, and the number of labels if not all images are labelled. */
  readonly set: string;
}

/** How many images of a set were read and compared. */
export const readable = ({ images, unreadable }: DatasetSummary): number => images - unreadable.length;

/** The ID accuracy shown above the tables. */
export function idAccuracy({ accuracy, labelled, datasets }: RunResults): IdAccuracy {
  const sets = Object.entries(datasets).filter(([, { roles }]) => roles.includes('id'));
  return {
    accuracy: accuracy === null ? absent : `${percent(accuracy)} %`,
    set: [sets.map(described).join('; '), ...labelledOf(labelled, sets)].join(', '),
  };
}

type Sets = readonly [string, DatasetSummary][];

const described = ([name, set]: Sets[number]) => `${name}, ${counted(readable(set), 'image')}`;

function labelledOf(labelled: number | undefined, sets: Sets): string[] {
  const images = sets.reduce((sum, [, set]) => sum + readable(set), 0);
  return labelled === undefined || labelled === 0 || labelled === images
    ? []
    : [`${counted(labelled, 'label')} counted`];
}

/** The label of a metric in tables: `FPR95, ID positive`. */
export const metricLabel = ({ name, title = name, convention }: MetricTraits): string =>
  convention === undefined ? title : `${title}, ${convention}`;

/** The label with an arrow in the direction of better: `AUROC ↑`. */
export const metricHead = (metric: MetricTraits): string =>
  `${metricLabel(metric)} ${metric.better === 'lower' ? '↓' : '↑'}`;
