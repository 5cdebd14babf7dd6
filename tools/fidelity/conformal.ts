import { refusedByClass } from '../../packages/deploy/tests/parts/per-class-simulation.ts';
import {
  exceeding,
  falselyRefused,
  keeps,
  kinds,
  pValues,
  type Seen,
} from '../../packages/statistics/tests/parts/conformal-simulation.ts';
import { atMost, type Check } from './check.ts';

const repetitions = 10_000;
const sizes = [19, 20, 99, 500, 2000];
/** Calibration images of `--per-class`, and the share to accept. */
const perClass = [
  [100, 0.95],
  [500, 0.95],
  [2000, 0.9],
] as const;
/** Calibration images, images to judge, their in-distribution share, q. */
const folders = [
  [19, { m: 10, inDistribution: 0.5, q: 0.2 }],
  [199, { m: 100, inDistribution: 0.9, q: 0.1 }],
  [500, { m: 100, inDistribution: 0.5, q: 0.05 }],
  [2000, { m: 50, inDistribution: 1, q: 0.1 }],
] as const;

/** How often conformal guarantees hold, with a new calibration set each time: the excess of a share over its bound, in Monte Carlo errors. */
export const conformal = (): Check[] => (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap(checksOf);

function checksOf(kind: keyof typeof kinds): Check[] {
  const p = sizes.flatMap((n) => pValues(n, kind, repetitions));
  const exact = p.filter(({ equal }) => equal);
  const sure = sizes.filter((n) => n >= 90);
  const sets = (alpha: number, confidence: number) =>
    sure.map((n) => exceeding(n, kind, repetitions, alpha, confidence));
  return [
    most(`P(p ≤ t) − t, ${kind}`, p.map(above)),
    ...(exact.length > 0 ? [most(`|P(p ≤ t) − t| at t = j / (n + 1), ${kind}`, exact.map(above).map(Math.abs))] : []),
    ...[sets(0.05, 0.99), sets(0.1, 0.9)].flat().map(checkOf),
    ...perClass.flatMap(([n, tpr]) => refusedByClass(n, kind, repetitions, tpr)).map(checkOf),
    ...folders.map(([n, folder]) => checkOf(falselyRefused(n, kind, repetitions, folder))),
  ];
}

const above = ({ seen, bound, error }: Seen) => (seen - bound) / error;

const most = (what: string, errors: readonly number[]) =>
  atMost(`${what}, ${errors.length} shares, in Monte Carlo errors`, Math.max(...errors), 3);

const checkOf = (seen: Seen): Check => ({
  what: seen.what,
  seen: seen.seen.toFixed(4),
  asked: `≤ ${seen.bound.toFixed(4)} + ${(3 * seen.error).toFixed(4)}`,
  holds: keeps(seen),
});
