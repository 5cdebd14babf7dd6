import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { schemeOf } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import { storeFolder } from '../store/store.ts';
import { widthOf, type Reading } from './graphs.ts';
import type { Wanted } from './refused.ts';

/** More bytes per image than this (64 KB) are kept only if the experiment allows it. */
export const mostBytesOfImage = 2 ** 16;

/** Bytes that a reading keeps per image. */
export const bytesOf = (reading: Pick<Reading, 'tensor'>): number => Float32Array.BYTES_PER_ELEMENT * widthOf(reading);

/** What the store needs to hold, if nothing of it is stored yet. */
export interface Cost {
  /** For the image that needs most. */
  readonly bytesPerImage: number;
  readonly bytes: number;
  /** Free space at the store's location; undefined if the system does not tell. */
  readonly free: number | undefined;
}

/** What a pass over images leaves in an experiment's store. */
export async function costOf(wanted: Iterable<Wanted>, { store }: Pick<Experiment, 'store'>): Promise<Cost> {
  let [bytesPerImage, bytes] = [0, 0];
  for (const { dataset, readings } of wanted) {
    const each = readings.reduce((sum, reading) => sum + bytesOf(reading), 0);
    bytesPerImage = Math.max(bytesPerImage, each);
    bytes += each * dataset.images.length;
  }
  const isElsewhere = schemeOf(store) !== undefined;
  return { bytesPerImage, bytes, free: isElsewhere ? undefined : await freeIn(storeFolder({ store })) };
}

/** The store's folder may not exist yet: then the nearest existing parent counts. */
async function freeIn(folder: string): Promise<number | undefined> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stats = await statfs(at).catch(() => undefined);
    if (stats) return stats.bavail * stats.bsize;
    if (at === path.dirname(at)) return undefined;
  }
}

/** The cost as a sentence, and whether it exceeds the free space. */
export function costSentence(cost: Cost): { readonly sentence: string; readonly isTooMuch: boolean } {
  const { bytes, free } = cost;
  return { sentence: `The store keeps ${inWords(cost)}.`, isTooMuch: free !== undefined && bytes > free };
}

/** `8.2 KB of an image, 22 MB in all; 31 GB are free there` */
export const inWords = ({ bytesPerImage, bytes, free }: Cost): string =>
  `${inUnits(bytesPerImage)} per image, ${inUnits(bytes)} in total${free === undefined ? '' : `; ${inUnits(free)} are free there`}`;

/** Bytes in the unit that needs at most three digits: 8.2 KB. */
export function inUnits(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]!}`;
}
