import { readFileSync } from 'node:fs';

/** What golden/make.R wrote. */
export interface Golden {
  readonly delong: readonly {
    readonly id: readonly number[][];
    readonly ood: readonly number[][];
    readonly auroc: readonly number[];
    /** Row by row, of three detectors. */
    readonly covariance: readonly number[];
  }[];
  /** [value, m, n, level, low, high] */
  readonly newcombe: readonly number[][];
  /** [k, n, level, low, high] */
  readonly wilson: readonly number[][];
  readonly clopperPearson: readonly number[][];
  readonly adjusted: readonly { readonly p: number[]; readonly holm: number[]; readonly bh: number[] }[];
  /** The arguments, then the value. */
  readonly normalCdf: readonly number[][];
  readonly normalQuantile: readonly number[][];
  readonly logGamma: readonly number[][];
  readonly betaCdf: readonly number[][];
  readonly betaQuantile: readonly number[][];
  readonly studentQuantile: readonly number[][];
  readonly binomialUpperTail: readonly number[][];
  /** [n, α in thousandths, γ, rank, confident rank] */
  readonly conformalRanks: readonly number[][];
  /** [α in thousandths, γ, least n for a rank, for a confident one] */
  readonly conformalLeast: readonly number[][];
  readonly conformalVerdicts: readonly {
    readonly calibration: number[];
    readonly tested: number[];
    readonly p: number[];
    readonly q: number;
    /** By index. */
    readonly rejected: number[];
  }[];
}

export const golden = JSON.parse(readFileSync(new URL('../golden/golden.json', import.meta.url), 'utf8')) as Golden;

/** Fails where a number is farther from the expected one than the share `relative` of it. */
export function expectNear(got: number, expected: number, relative: number): void {
  const away = got === expected ? 0 : Math.abs(got - expected) / Math.abs(expected);
  if (!(away <= relative)) throw new Error(`${got} is not ${expected}: it is off by ${away} of it`);
}
