import { aurocInterval, aurocParts, differenceVariance, holm, notBeaten, twoSidedP } from '@farout/statistics';

/** The AUROCs of detectors on the same images with their intervals, p values against the first, and those that no other one beats significantly. */
export function compare(detectors: readonly { id: Float32Array; ood: Float32Array }[]) {
  const parts = detectors.map(({ id, ood }) => aurocParts(id, ood));
  const values = parts.map(({ value }) => value);
  const errorOf = (a: number, b: number) => Math.sqrt(differenceVariance(parts[a]!, parts[b]!));
  return {
    values,
    intervals: parts.map((each, at) => aurocInterval(each, detectors[at]!.id.length, detectors[at]!.ood.length)),
    p: holm(values.slice(1).map((value, at) => twoSidedP(value - values[0]!, errorOf(at + 1, 0)))),
    best: notBeaten(values, errorOf, 'higher'),
  };
}
