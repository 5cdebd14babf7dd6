/** As Python's `round`: the nearest integer, the even one of two that are equally near. */
const roundHalfEven = (x: number) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/**
 * The score above which about 95 % of the ID images lie: the ascending ID score at index round(0.05 · N), halves to the
 * even index, as the code of Sun et al., "ReAct", NeurIPS 2021 has it (`util/metrics.py`).
 *
 * An image is taken for ID when its score is greater than this.
 */
export const idThreshold95 = (ascendingIdScores: Float32Array): number =>
  ascendingIdScores[roundHalfEven(0.05 * ascendingIdScores.length)]!;

/** The share of a number of ID images that reach that threshold where no two score alike: 0.95 of 20 or 1,000, but all of 7. */
export const idShare95 = (images: number): number => (images - roundHalfEven(0.05 * images)) / images;
