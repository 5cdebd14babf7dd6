import { leastImages, lineUnder, ownClasses } from '../../src/conformal-threshold.ts';
import { kinds, share, sfc32, type Seen } from '../../../statistics/tests/parts/conformal-simulation.ts';

/** How often a class is taken among images in distribution: three frequent ones, and a tail. */
const shares = [0.4, 0.25, 0.15, ...Array.from({ length: 20 }, () => 0.01)];
/** So many images has the run's ID set, by which classes are grouped. */
const idImages = 1000;

/**
 * How often a threshold of `calibrate --per-class` refuses one more image, of each group by itself: fresh calibration images each time, the groups
 * by one ID set of a run. Scores differ from class to class, so that one threshold for all, `together`, would
 * not keep the promise.
 */
export function refusedByClass(
  n: number,
  kind: keyof typeof kinds,
  repetitions: number,
  tpr: number,
  { together = false } = {},
): Seen[] {
  const random = sfc32(`per class ${n} ${kind} ${tpr}`);
  const draw = kinds[kind];
  const counts = shares.map(() => 0);
  for (let image = 0; image < idImages; image++) counts[classOf(random())]!++;
  const own = ownClasses(counts, n, { tpr });
  // The last group is of all other classes.
  const groupOf = (each: number) => (own.includes(each) ? own.indexOf(each) : own.length);
  const [refused, made] = [new Float64Array(own.length + 1), new Float64Array(own.length + 1)];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const groups: number[][] = Array.from({ length: own.length + 1 }, () => []);
    for (let image = 0; image < n; image++) {
      const each = classOf(random());
      groups[groupOf(each)]!.push(draw(random) + each);
    }
    // Then no file is made.
    if (groups.some((group) => group.length < leastImages({ tpr }))) continue;
    const another = classOf(random());
    const group = groupOf(another);
    const { value } = lineUnder(Float32Array.from(together ? groups.flat() : groups[group]!), { tpr }, '');
    made[group]!++;
    refused[group]! += Number(Math.fround(draw(random) + another) <= value);
  }
  return [...made.keys()].map((group) => ({
    what: `refused of ${group < own.length ? `class ${own[group]!}` : 'all other classes'}, tpr = ${tpr}, n = ${n}, ${kind}`,
    ...share(refused[group]!, made[group]!, 1 - tpr),
    equal: false,
  }));
}

function classOf(drawn: number): number {
  let rest = drawn;
  const found = shares.findIndex((each) => (rest -= each) < 0);
  return found < 0 ? shares.length - 1 : found;
}
