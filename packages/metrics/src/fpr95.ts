import { defineMetric, idAccepted95 } from '@farout/core';

/**
 * FPR95 with ID positive: the share of OOD scores above the threshold that (about) 95 % of the ID scores reach, #(ood > t) / N_ood. t is
 * the ascending ID score at index round(0.05 · N_id), halves rounded to even. The comparison is strict: an OOD score equal to t is
 * rejected.
 *
 * Fraction, 0..1, lower is better. Source: the code of Sun et al., "ReAct", NeurIPS 2021 (`util/metrics.py`). OpenOOD 1.5 and pytorch-ood
 * define FPR95 differently: see `fpr95-ood-positive`.
 */
export const fpr95 = defineMetric({
  name: 'fpr95',
  title: 'FPR95',
  convention: 'ID positive',
  note: 'OOD images accepted at the threshold that 95 % of the ID images reach, as in the ReAct paper; 0 if all scores are equal',
  at95: 'id',
  about: {
    summary: 'Share of OOD scores above the threshold that 95 % of the ID scores reach.',
    formula: '#(ood > t) / N_ood,  t = ascending ID score at round(0.05 · N_id)',
    source: 'Sun, Guo, Li, "ReAct", NeurIPS 2021, code (util/metrics.py)',
  },
  better: 'lower',
  byDefault: true,
  fast: true,
  value: (curve) => sumOfFirst(curve.ood, idAccepted95(curve)) / curve.oodTotal,
});

/** Four independent sums run faster; a bootstrap calls this thousands of times. */
function sumOfFirst(weights: Float64Array, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = 0;
  for (; at + 3 < count; at += 4) {
    a += weights[at]!;
    b += weights[at + 1]!;
    c += weights[at + 2]!;
    d += weights[at + 3]!;
  }
  for (; at < count; at++) a += weights[at]!;
  return a + b + (c + d);
}
