import { curveOf, type DatasetImage } from '@farout/core';
import { groupCount, groupNumbers } from '@farout/statistics';

/** A set of images, for drawing. */
export interface DrawnSet {
  /** Distinguishes its draws from those of other sets. */
  readonly name: string;
  readonly images: number;
  /** The group of each image, 0, 1, …; absent if images are drawn individually. */
  readonly groups?: Int32Array;
  /** The number of units drawn: images, or groups of them. */
  readonly units: number;
}

/** The images of an ID and an OOD set, by descending score. Plain data shared between threads. */
export interface Ranking {
  /** Image indices; those of OOD images follow the ID images. */
  readonly order: Int32Array;
  readonly scores: Float32Array;
  /** Start and end in `order` of each run of images with equal scores, in pairs; the last pair is the end of `order`, twice. */
  readonly ties: Int32Array;
}

/** What draws are made from: plain data shared between threads. */
export interface DrawnSets {
  readonly seed: number;
  /** Drawn once for all OOD sets and detectors. */
  readonly id: DrawnSet;
  readonly ood: readonly DrawnSet[];
  /** For each detector, on each OOD set. */
  readonly rankings: readonly (readonly Ranking[])[];
}

/** A set to draw from. Images with the same `group` are drawn together. */
export function drawnSet(name: string, images: readonly DatasetImage[]): DrawnSet {
  const names = images.map(({ group }) => group);
  if (names.every((group) => group === undefined)) return { name, images: images.length, units: images.length };
  const groups = groupNumbers(names);
  return { name, images: images.length, groups, units: groupCount(groups) };
}

/**
 * Does once the sorting that all draws share.
 *
 * @param offset - Index of the first OOD image among those of all OOD sets.
 */
export function rankingOf(idScores: Float32Array, oodScores: Float32Array, offset: number): Ranking {
  const { thresholds, id, ood } = curveOf(idScores, oodScores);
  const next = new Int32Array(thresholds.length);
  for (let at = 1; at < next.length; at++) next[at] = next[at - 1]! + id[at - 1]! + ood[at - 1]!;
  const count = idScores.length + oodScores.length;
  const [order, scores] = [shared(Int32Array, count), shared(Float32Array, count)];
  const add = (own: Float32Array, first: number) => {
    for (let image = 0; image < own.length; image++) {
      const place = placeOf(own[image]!, thresholds);
      scores[next[place]!] = thresholds[place]!;
      order[next[place]!++] = first + image;
    }
  };
  add(idScores, 0);
  add(oodScores, idScores.length + offset);
  return { order, scores, ties: tiesOf(scores) };
}

function tiesOf(scores: Float32Array): Int32Array {
  const pairs: number[] = [];
  for (let at = 0, end = 1; at < scores.length; at = end++) {
    while (scores[end] === scores[at]) end++;
    if (end - at > 1) pairs.push(at, end);
  }
  const ties = shared(Int32Array, pairs.length + 2);
  ties.set([...pairs, scores.length, scores.length]);
  return ties;
}

/** The index of a score in the descending thresholds, which contain it. */
function placeOf(score: number, thresholds: Float32Array): number {
  let [first, last] = [0, thresholds.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (thresholds[middle]! > score) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** An array in memory shared between threads. */
export function shared<A extends Int32Array | Float32Array | Float64Array>(
  kind: { readonly BYTES_PER_ELEMENT: number; new (buffer: SharedArrayBuffer): A },
  length: number,
): A {
  return new kind(new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT));
}
