import {
  keeps,
  kinds,
  refused,
  sfc32,
  share,
  type Kind,
  type Seen,
} from '../../packages/statistics/tests/parts/conformal-simulation.ts';
import { delays, falseAlarms } from '../../packages/statistics/tests/parts/drift-streams.ts';
import { betaBinomialUpperTail, binomialUpperTail, conformalRank } from '@farout/statistics';
import type { Check } from './check.ts';

const sizes = [200, 650, 2000];
const streams = 5000;
const images = 20_000;
const alpha = 0.01;

/** The rate of false alarms in streams without drift, and the delay of alarms when more images are rejected; each stream has a new calibration. */
export const drift = (): Check[] => [
  ...(Object.keys(kinds) as Kind[]).flatMap((kind) => [0.05, alpha].map((each) => everAlarm(kind, each))),
  ...sizes.flatMap((n) => [oneLook('beta-binomial', n), oneLook('plain binomial', n)]),
  ...[0.1, 0.2].flatMap((changed) =>
    sizes.flatMap((n) => [0, 1000, 10_000].map((before) => delay(n, before, changed))),
  ),
];

/** A third of the streams for each calibration set size. */
function everAlarm(kind: Kind, level: number): Check {
  const counts = sizes.map((_, at) => Math.floor((streams + at) / sizes.length));
  const found = sizes.map((n, at) => falseAlarms({ n, kind, streams: counts[at]!, images }, level));
  const alarms = found.reduce((sum, { seen }, at) => sum + seen * counts[at]!, 0);
  const what = `${streams} streams of ${images} images without drift that ever alarm, α = ${level}, ${kind}`;
  return checkOf({ what, ...share(alarms, streams, level), equal: false });
}

/** False alarms of a single test on 10,000 images, at 5 %. */
function oneLook(test: 'beta-binomial' | 'plain binomial', n: number): Check {
  const random = sfc32(`one look ${n}`);
  const [m, level] = [10_000, 0.05];
  const k = conformalRank(n, 0.05);
  const tail = (r: number) =>
    test === 'beta-binomial' ? betaBinomialUpperTail(r, m, { k, n }) : binomialUpperTail(r, m, 0.05);
  let alarms = 0;
  for (let set = 0; set < streams; set++) {
    const truth = refused['all different'](Float64Array.from({ length: n }, random).sort()[k - 1]!);
    let r = 0;
    for (let image = 0; image < m; image++) r += Number(random() <= truth);
    alarms += Number(tail(r) <= level);
  }
  const what = `one look at ${m} images at 5 %, ${test} test, n = ${n}: false alarms`;
  const seen = { what, ...share(alarms, streams, level), equal: false };
  return test === 'beta-binomial'
    ? checkOf(seen)
    : { what, seen: seen.seen.toFixed(4), asked: 'reported', holds: true };
}

function delay(n: number, before: number, changed: number): Check {
  const asked = { alpha, before, changed };
  const found = delays({ n, kind: 'all different', streams: 1000, images }, asked);
  const at = (part: number) => found[Math.floor(part * found.length)]!;
  return {
    what: `${100 * changed} % refused behind ${before} images, n = ${n}: images until the alarm, median (9 of 10)`,
    seen: `${at(0.5)} (${at(0.9)})`,
    asked: 'reported',
    holds: true,
  };
}

const checkOf = (seen: Seen): Check => ({
  what: seen.what,
  seen: seen.seen.toFixed(4),
  asked: `≤ ${seen.bound.toFixed(4)} + ${(3 * seen.error).toFixed(4)}`,
  holds: keeps(seen),
});
