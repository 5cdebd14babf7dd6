import { aurocInterval, aurocParts, differenceVariance, meanOfParts, type AurocParts } from '@farout/statistics';
import type { DatasetScores } from '../score/on-features.ts';
import type { DrawnSets } from './rankings.ts';
import type { Column, MetricSpread } from './intervals.ts';

/** How the area under the ROC curve varies with the images, by DeLong's covariance, which needs no draws. */
export function delongSpread(
  detectors: readonly string[],
  id: DatasetScores,
  ood: readonly DatasetScores[],
  { id: drawnId, ood: drawnOod }: Pick<DrawnSets, 'id' | 'ood'>,
): MetricSpread {
  const parts = detectors.map((detector) =>
    ood.map(({ scores }, set) =>
      aurocParts(id.scores.get(detector)!, scores.get(detector)!, groupsOf(drawnId.groups, drawnOod[set]!.groups)),
    ),
  );
  const means = new Map<Column, readonly AurocParts[]>();
  const partsOf = (column: Column) => {
    const known = means.get(column) ?? parts.map((each) => mean(column.sets.map((set) => each[set]!)));
    means.set(column, known);
    return known;
  };
  return {
    method: 'delong',
    interval: (detector, column) =>
      aurocInterval(partsOf(column)[detector]!, drawnId.units, pooled(column.sets.map((set) => drawnOod[set]!.units))),
    error: (a, b, column) => Math.sqrt(differenceVariance(partsOf(column)[a]!, partsOf(column)[b]!)),
  };
}

const groupsOf = (id: Int32Array | undefined, ood: Int32Array | undefined) => ({
  ...(id && { id }),
  ...(ood && { ood }),
});

const mean = (parts: readonly AurocParts[]) => (parts.length === 1 ? parts[0]! : meanOfParts(parts));

/** The size of a single set whose mean would vary as much as that of these sets. */
const pooled = (counts: readonly number[]) => counts.length ** 2 / counts.reduce((sum, count) => sum + 1 / count, 0);
