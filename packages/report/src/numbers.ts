import type { RunResults } from '@farout/core';

/** What stands where there is no number. */
export const absent = '—';

/** A fraction as percent with two decimals, without the sign: 0.5 → `50.00`. */
export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? absent : (100 * fraction).toFixed(2);

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

/** What stands above the tables. */
export function idAccuracy({ accuracy, labelled, datasets }: RunResults): IdAccuracy {
  const sets = Object.entries(datasets).filter(([, { roles }]) => roles.includes('id'));
  return {
    accuracy: accuracy === null ? absent : `${percent(accuracy)} %`,
    set: sets
      .map(([name, { images, unreadable }]) => {
        const readable = images - unreadable.length;
        return [name, counted(readable, 'image'), ...labelledOf(labelled, readable)].join(', ');
      })
      .join('; '),
  };
}

const labelledOf = (labelled: number | undefined, readable: number): string[] =>
  labelled === undefined || labelled === 0 || labelled === readable ? [] : [`${counted(labelled, 'label')} counted`];

interface MetricLabel {
  readonly title: string;
  /** What the number is; given where its name alone would mislead. */
  readonly meaning?: string;
}

/** How the metrics that have a usual name in the literature are called in tables. */
const labels: Readonly<Record<string, MetricLabel>> = {
  fpr95: {
    title: 'FPR95, ID positive',
    meaning: 'OOD images accepted at the threshold that 95 % of the ID images reach, as in the ReAct paper',
  },
  'fpr95-ood-positive': {
    title: 'FPR95, OOD positive',
    meaning: 'ID images rejected at the threshold that rejects 95 % of the OOD images, as in OpenOOD',
  },
  auroc: { title: 'AUROC' },
  'aupr-in': {
    title: 'AUPR-in',
    meaning: 'area under precision over recall, ID positive; depends on the sizes of the sets',
  },
  'aupr-out': {
    title: 'AUPR-out',
    meaning: 'area under precision over recall, OOD positive; depends on the sizes of the sets',
  },
  'average-precision-in': { title: 'Average precision, in' },
  'average-precision-out': { title: 'Average precision, out' },
  'detection-error': {
    title: 'Detection error',
    meaning: 'the smallest share of wrong decisions that any threshold reaches',
  },
};

/** The label of a metric; one that is not known here is called by its name. */
export const metricLabel = (name: string): MetricLabel =>
  Object.hasOwn(labels, name) ? labels[name]! : { title: name };
