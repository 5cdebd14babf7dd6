import type { DatasetSummary, Interval, MetricTraits, RunResults } from '@farout/core';

/** What stands where there is no number. */
export const absent = '—';

/** A fraction as percent with two decimals, without the sign: 0.5 → `50.00`. */
export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? absent : (100 * fraction).toFixed(2);

/** An interval in percent, its ends in brackets: `[92.41, 93.80]`. */
export const bracketed = ({ low, high }: Pick<Interval, 'low' | 'high'>): string =>
  `[${percent(low)}, ${percent(high)}]`;

const inEnglish = new Intl.NumberFormat('en-US');

/** A number of things: `1 image`, `50,000 images`. */
export const counted = (count: number, thing: string): string =>
  `${inEnglish.format(count)} ${thing}${count === 1 ? '' : 's'}`;

/** The network's accuracy on the ID set, and which set that is. */
interface IdAccuracy {
  /** `76.13 %`, or a dash when no image is labelled. */
  readonly accuracy: string;
  /** `imagenet-val, 50,000 images`, and how many of them are labelled where not all are. */
  readonly set: string;
}

/** How many images of a set were compared. */
export const readable = ({ images, unreadable }: DatasetSummary): number => images - unreadable.length;

/** What stands above the tables. */
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

/** What tables call a metric: `FPR95, ID positive`. */
export const metricLabel = ({ name, title = name, convention }: MetricTraits): string =>
  convention === undefined ? title : `${title}, ${convention}`;

/** The same with an arrow that points to where it is better: `AUROC ↑`. */
export const metricHead = (metric: MetricTraits): string =>
  `${metricLabel(metric)} ${metric.better === 'lower' ? '↓' : '↑'}`;
