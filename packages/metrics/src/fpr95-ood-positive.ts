import { defineMetric } from '@farout/core';

/**
 * FPR95 with OOD positive: the share of ID scores that are rejected at the threshold that rejects at least 95 % of the OOD scores,
 * #(id ≤ t) / N_id at the lowest score t with #(ood ≤ t) / N_ood ≥ 0.95.
 *
 * Fraction, 0..1, lower is better. Source: OpenOOD 1.5 (Zhang et al., 2023) and pytorch-ood (Kirchheim
 * et al., 2022), on every point of scikit-learn's ROC curve (`drop_intermediate=False`). The ReAct paper defines FPR95 differently: see
 * `fpr95`.
 */
export const fpr95OodPositive = defineMetric({
  name: 'fpr95-ood-positive',
  title: 'FPR95',
  convention: 'OOD positive',
  note: 'ID images rejected at the threshold that rejects 95 % of the OOD images, as in OpenOOD',
  at95: 'ood',
  about: {
    summary: 'Share of ID scores rejected at the threshold that rejects at least 95 % of the OOD scores.',
    formula: '#(id ≤ t) / N_id at the lowest t with #(ood ≤ t) / N_ood ≥ 0.95',
    source: 'OpenOOD 1.5; pytorch-ood',
  },
  better: 'lower',
  fast: true,
  value: ({ id, ood, idTotal, oodTotal }) => {
    let [idRejected, oodRejected] = [0, 0];
    for (let at = ood.length - 1; oodRejected / oodTotal < enough; at--) {
      idRejected += id[at]!;
      oodRejected += ood[at]!;
    }
    return idRejected / idTotal;
  },
});

/** 95 %, minus a margin for rounding in sums of non-integer weights. */
const enough = 0.95 - 1e-12;
