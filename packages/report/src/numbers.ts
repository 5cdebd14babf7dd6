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
