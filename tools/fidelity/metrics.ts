import { curveOf } from '@farout/core';
import * as m from '@farout/metrics';
import { atMost, type Check } from './check.ts';
import { reference, referenceScores, type Model, type ReferenceMetrics } from './models.ts';

type Pair = readonly [ours: number, theirs: number];

/** Compares every metric of every column of the reference's scores with the reference's metrics. */
export function metrics(data: string, model: Model): Check[] {
  const rows = referenceScores(data, model);
  const scores = (set: string, column: string) =>
    Float32Array.from(
      rows.filter((row) => row.set === set && row[column] !== ''),
      (row) => Number(row[column]),
    );
  let worst = 0;
  let compared = 0;
  for (const [column, sets] of Object.entries(reference(data, model).metrics)) {
    for (const [ood, expected] of Object.entries(sets)) {
      for (const [ours, theirs] of pairs(scores('imagenet-val', column), scores(ood, column), expected)) {
        worst = Math.max(worst, Math.abs(ours - theirs));
        compared++;
      }
    }
  }
  return [atMost(`${model.name}: ${compared} metrics of the reference's scores, max abs difference`, worst, 1e-9)];
}

function pairs(id: Float32Array, ood: Float32Array, { react_code: paper, sklearn }: ReferenceMetrics): Pair[] {
  const curve = curveOf(id, ood);
  return [
    [m.fpr95.value(curve), paper.FPR],
    [m.auroc.value(curve), paper.AUROC],
    [m.detectionError.value(curve), paper.DTERR],
    [m.auprIn.value(curve), paper.AUIN],
    [m.auprOut.value(curve), paper.AUOUT],
    [m.auroc.value(curve), sklearn.auroc],
    [m.averagePrecisionIn.value(curve), sklearn.average_precision_id_positive],
    [m.averagePrecisionOut.value(curve), sklearn.average_precision_ood_positive],
    [m.fpr95OodPositive.value(curve), sklearn.fpr_at_tpr95_ood_positive],
  ];
}
