import { conformalRank, driftTest } from '@farout/statistics';
import { kinds, refused, sfc32, share, type Kind, type Seen } from './conformal-simulation.ts';

/** A set that calibrates: its threshold's promise, and which share of all images it refuses in truth. */
function calibrated(n: number, alpha: number, kind: Kind, random: () => number) {
  const calibration = Float64Array.from({ length: n }, () => kinds[kind](random)).sort();
  const k = conformalRank(n, alpha);
  return { promised: { k, n }, truth: refused[kind](calibration[k - 1]!) };
}

/** How often a threshold of 5 % by n images is watched without drift, over so many streams of so many images. */
export interface Streams {
  readonly n: number;
  readonly kind: Kind;
  readonly streams: number;
  readonly images: number;
}

/** How many streams without drift ever alarm, each with a calibration set of its own. */
export function falseAlarms({ n, kind, streams, images }: Streams, alpha: number): Seen {
  const random = sfc32(`alarms ${n} ${kind}`);
  let alarms = 0;
  for (let stream = 0; stream < streams; stream++) {
    const { promised, truth } = calibrated(n, 0.05, kind, random);
    alarms += Number(alarmOf(promised, alpha, images, () => random() <= truth) !== undefined);
  }
  return { what: `streams that ever alarm, n = ${n}, ${kind}`, ...share(alarms, streams, alpha), equal: false };
}

/** Behind how many images of the changed share the alarm comes, one for each stream, ascending; Infinity where it does not come. */
export function delays(
  { n, kind, streams, images }: Streams,
  { alpha, before, changed }: { readonly alpha: number; readonly before: number; readonly changed: number },
): number[] {
  const random = sfc32(`delays ${n} ${kind} ${before} ${changed}`);
  return Array.from({ length: streams }, () => {
    const { promised, truth } = calibrated(n, 0.05, kind, random);
    const next = (image: number) => random() <= (image <= before ? truth : changed);
    const alarm = alarmOf(promised, alpha, before + images, next);
    return alarm === undefined ? Infinity : alarm - before;
  }).sort((a, b) => a - b);
}

/** The image, from 1 on, at which the alarm comes; it is looked for at each that is refused. */
function alarmOf(
  promised: { readonly k: number; readonly n: number },
  alpha: number,
  images: number,
  isRefused: (image: number) => boolean,
): number | undefined {
  const test = driftTest(promised);
  for (let image = 1; image <= images; image++) {
    const refusal = isRefused(image);
    test.add(refusal);
    if (refusal && test.reaches(1 / alpha)) return image;
  }
  return undefined;
}
