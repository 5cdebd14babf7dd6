import { defineMetric } from '@farout/core';

/**
 * Detection error: the smallest share of wrong decisions at any threshold, min over t of (FN + FP) /
 * (N_id + N_ood), with FN = #(id < t), FP = #(ood ≥ t); rejecting everything is one of the thresholds. Depends on the sizes of the sets,
 * and is at most min(N_id, N_ood) / (N_id + N_ood).
 *
 * Fraction, 0..½, lower is better. Source: DTERR in the code of Sun et al., "ReAct", NeurIPS 2021 (`util/metrics.py`).
 */
export const detectionError = defineMetric({
  name: 'detection-error',
  title: 'Detection error',
  note: 'the smallest share of wrong decisions at any threshold',
  about: {
    summary: 'The smallest share of wrong decisions at any threshold.',
    formula: 'min over t of (#(id < t) + #(ood ≥ t)) / (N_id + N_ood)',
    source: 'Sun, Guo, Li, "ReAct", NeurIPS 2021, code (util/metrics.py)',
  },
  better: 'lower',
  dependsOnSizes: true,
  bestOfThresholds: true,
  fast: true,
  value: ({ id, ood, idTotal, oodTotal }) => {
    let wrong = idTotal;
    let fewest = wrong;
    for (let at = 0; at < id.length; at++) {
      wrong += ood[at]! - id[at]!;
      if (wrong < fewest) fewest = wrong;
    }
    return fewest / (idTotal + oodTotal);
  },
});
