import { betaQuantile, normalQuantile } from './distributions.ts';

/** The ends of an interval. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** How many standard errors a two-sided interval of this level reaches: 1.96 at 0.95. */
export const reach = (level: number): number => normalQuantile((1 + level) / 2);

/**
 * Wilson's score interval (1927) for a share: the shares p with |k/n − p| ≤ z·√(p(1 − p)/n). Within 0..1, never of width 0.
 *
 * @param k - The number of successes among n images, 0..n.
 */
export function wilson(k: number, n: number, level = 0.95): Bounds {
  const z2 = reach(level) ** 2;
  const [share, middle] = [k / n, (k + z2 / 2) / (n + z2)];
  const half = (Math.sqrt(z2) * Math.sqrt(n * share * (1 - share) + z2 / 4)) / (n + z2);
  return { low: k === 0 ? 0 : middle - half, high: k === n ? 1 : middle + half };
}

/**
 * Clopper and Pearson's exact interval (1934) for a share: each end is the share at which k or fewer, or k or more, of n images have the
 * probability (1 − level) / 2.
 */
export function clopperPearson(k: number, n: number, level = 0.95): Bounds {
  const tail = (1 - level) / 2;
  return {
    low: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1),
    high: k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k),
  };
}
