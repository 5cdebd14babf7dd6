import { covariance, type AurocParts } from './auroc.ts';
import { studentQuantile } from './distributions.ts';
import { reach, type Bounds } from './shares.ts';

/** The interval of an AUROC, and the method used. */
export interface AurocInterval extends Bounds {
  readonly method: 'delong' | 'newcombe';
}

/**
 * The 95 % confidence interval of an AUROC, never of width 0 and always within 0..1. It uses DeLong's variance on the logit scale with
 * Student's t. With fewer than 30 images in a set, or if that variance is 0 (at an AUROC of 0 or 1, and if all scores are equal), it uses
 * Newcombe's method 5.
 *
 * @param idImages - The number of independently drawn ID images; if images are grouped, the number of groups.
 * @param oodImages - The same for the OOD images.
 */
export function aurocInterval(parts: AurocParts, idImages: number, oodImages: number): AurocInterval {
  const error = Math.sqrt(covariance(parts, parts));
  if (error > rounding && Math.min(idImages, oodImages) >= enough)
    return { ...logitInterval(parts.value, error, 0.95, degreesOfFreedom(parts)), method: 'delong' };
  return { ...newcombe(parts.value, idImages, oodImages), method: 'newcombe' };
}

/** With at least this many images, DeLong's variance is good enough. */
const enough = 30;
/** A standard error up to this is a rounded 0. */
const rounding = 1e-13;

/**
 * Welch and Satterthwaite's degrees of freedom of the variance estimate, 2·V² / var(V). The variance of a set's share Σp² of V is
 * Σp⁴ − (Σp²)²/n, or that of normal parts if this is larger. Near 0 and 1 a few images contribute nearly all of V, and the estimate is poor: with
 * 100 images in each set and an AUROC of 0.99 there are about 15 degrees of freedom.
 */
export function degreesOfFreedom(parts: AurocParts): number {
  let [total, spread] = [0, 0];
  for (const set of [parts.id, ...parts.ood]) {
    let [squares, fourths] = [0, 0];
    for (const part of set) {
      squares += part * part;
      fourths += part * part * (part * part);
    }
    total += squares;
    spread += Math.max(fourths - squares ** 2 / set.length, (2 * squares ** 2) / (set.length - 1));
  }
  return (2 * total ** 2) / spread;
}

/**
 * The confidence interval of an AUROC from its standard error, on the logit scale. The value lies in 0..1; at 0 and 1 there is no interval
 * (NaN).
 *
 * @param degrees - Degrees of freedom of the standard error, for Student's t; by default the error is known and the distribution normal.
 */
export function logitInterval(value: number, standardError: number, level = 0.95, degrees = Infinity): Bounds {
  const logit = Math.log(value / (1 - value));
  const half = (studentQuantile((1 + level) / 2, degrees) * standardError) / (value * (1 - value));
  const share = (x: number) => 1 / (1 + Math.exp(-x));
  return { low: share(logit - half), high: share(logit + half) };
}

/**
 * Newcombe's method 5 for an AUROC: the values θ with |a − θ| ≤ z·√V(θ), where V is Hanley and McNeil's variance with (m + n) / 2 in place
 * of both numbers of images in its numerator. It needs no variance of the scores, so it also works at 0 and 1.
 *
 * Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2", Statistics in Medicine 25
 * (2006).
 */
export function newcombe(value: number, idImages: number, oodImages: number, level = 0.95): Bounds {
  const z = reach(level);
  const more = (idImages + oodImages) / 2 - 1;
  const error = (t: number) =>
    Math.sqrt((t * (1 - t) * (1 + (more * (1 - t)) / (2 - t) + (more * t) / (1 + t))) / (idImages * oodImages));
  const holds = (t: number) => Math.abs(value - t) <= z * error(t);
  return { low: lastWhere(holds, value, 0), high: lastWhere(holds, value, 1) };
}

/** The number farthest from `inside` towards `outside` at which the condition holds, by bisection. */
function lastWhere(holds: (t: number) => boolean, inside: number, outside: number): number {
  let middle = (inside + outside) / 2;
  while (middle > Math.min(inside, outside) && middle < Math.max(inside, outside)) {
    if (holds(middle)) inside = middle;
    else outside = middle;
    middle = (inside + outside) / 2;
  }
  return inside;
}
