/// <reference lib="dom" />
import type { Description, Verdict } from '@farout/verdict';
import { drawn, scoreText } from './elements.ts';

/** The ID scores of a file, its threshold, and the score of an image. */
export interface Standing {
  readonly idScores: Description['idScores'];
  readonly threshold: number;
  /** Absent before an image is scored. */
  readonly image?: Pick<Verdict, 'score' | 'isInDistribution'> | undefined;
}

const height = 250;
const margin = { top: 42, right: 10, bottom: 34, left: 10 };
const bins = 40;

/** The histogram of the ID scores with the threshold and the image's score, at the given width. */
export function histogram(standing: Standing, width: number): SVGElement {
  const { idScores, threshold, image } = standing;
  const scores = idScores.scores.filter(Number.isFinite);
  const axis = axisOf(scores, threshold, image?.score, width);
  const base = height - margin.bottom;
  const label = image
    ? `Histogram of the ID scores: the threshold is ${scoreText(threshold)}, this image scores ${scoreText(image.score)}`
    : `Histogram of the ID scores: the threshold is ${scoreText(threshold)}`;
  return drawn(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label },
    drawn('rect', {
      class: 'refused',
      x: margin.left,
      y: margin.top,
      width: Math.max(0, axis.at(threshold) - margin.left),
      height: base - margin.top,
    }),
    ...bars(scores, axis, base),
    drawn('line', { class: 'axis', x1: margin.left, x2: width - margin.right, y1: base, y2: base }),
    ...ticks(axis, base),
    ...thresholdLine(axis.at(threshold), width, base),
    ...(image ? mark(image, axis, width, base) : []),
  );
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly at: (score: number) => number;
}

/** An axis from the lowest to the highest ID score, extended to the image's score unless that is too far away. */
function axisOf(scores: readonly number[], threshold: number, score: number | undefined, width: number): Axis {
  const known = [threshold, ...scores];
  const [lowest, highest] = [Math.min(...known), Math.max(...known)];
  const range = highest - lowest || Math.max(1, Math.abs(lowest));
  const isNear = score !== undefined && score > lowest - 1.5 * range && score < highest + 1.5 * range;
  const [low, high] = isNear ? [Math.min(lowest, score), Math.max(highest, score)] : [lowest, highest];
  const pad = 0.03 * (high - low || range);
  const inner = width - margin.left - margin.right;
  const ends = { low: low - pad, high: high + pad };
  const place = (each: number) => margin.left + (inner * (each - ends.low)) / (ends.high - ends.low);
  return { ...ends, at: (each) => Math.min(width - margin.right, Math.max(margin.left, place(each))) };
}

function bars(scores: readonly number[], axis: Axis, base: number): SVGElement[] {
  if (scores.length === 0) return [];
  const [low, high] = [scores[0]!, scores.at(-1)!];
  const size = (high - low || 1) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const score of scores) counts[Math.min(bins - 1, Math.floor((score - low) / size))]!++;
  const most = Math.max(...counts);
  return counts.flatMap((count, bin) => {
    if (count === 0) return [];
    const [x, end] = [axis.at(low + bin * size), axis.at(low + (bin + 1) * size)];
    const tall = ((base - margin.top - 8) * count) / most;
    return [drawn('rect', { class: 'bar', x, y: base - tall, width: Math.max(1, end - x), height: tall })];
  });
}

/** Ticks at round numbers, 1, 2 or 5 times a power of ten apart, as many as fit. */
function ticks({ low, high, at }: Axis, base: number): SVGElement[] {
  const room = Math.max(2, Math.floor((at(high) - at(low)) / 80));
  const rough = (high - low) / room;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, each) => {
    const value = (first + each) * step;
    const text = value.toFixed(Math.min(20, digits)).replace(/^-/, '−');
    return [
      drawn('line', { class: 'axis', x1: at(value), x2: at(value), y1: base, y2: base + 4 }),
      drawn('text', { x: inside(at(value), at, low, high), y: base + 18, 'text-anchor': 'middle' }, text),
    ];
  }).flat();
}

const inside = (x: number, at: Axis['at'], low: number, high: number) =>
  Math.min(Math.max(x, at(low) + 14), at(high) - 14);

function thresholdLine(x: number, width: number, base: number): SVGElement[] {
  const text = (words: string, anchor: string, dx: number, kind: string) =>
    drawn('text', { class: `strong ${kind}`, x: x + dx, y: margin.top - 26, 'text-anchor': anchor }, words);
  return [
    drawn('line', { class: 'threshold', x1: x, x2: x, y1: margin.top - 36, y2: base }),
    ...(x > 60 ? [text('← OOD', 'end', -8, 'ood')] : []),
    ...(width - x > 60 ? [text('ID →', 'start', 8, 'id')] : []),
  ];
}

/** The mark of the image: a line with a head, and its score next to it. */
function mark(
  { score, isInDistribution }: NonNullable<Standing['image']>,
  axis: Axis,
  width: number,
  base: number,
): SVGElement[] {
  const kind = isInDistribution ? 'id' : 'ood';
  const x = axis.at(score);
  const isOff = score < axis.low || score > axis.high;
  const words = `${isOff && score < axis.low ? '◂ ' : ''}this image ${scoreText(score)}${isOff && score > axis.high ? ' ▸' : ''}`;
  const [anchor, place] = x < width / 2 ? ['start', Math.max(x - 4, 2)] : ['end', Math.min(x + 4, width - 2)];
  return [
    drawn('line', { class: `mark ${kind}`, x1: x, x2: x, y1: margin.top + 2, y2: base }),
    drawn('path', { class: `mark-head ${kind}`, d: `M${x - 6} ${margin.top - 4}h12l-6 9z` }),
    drawn('text', { class: `strong ${kind}`, x: place, y: margin.top - 9, 'text-anchor': anchor }, words),
  ];
}
