import { FaroutError } from '@farout/core';
import type { Verdict } from '@farout/verdict';
import type { LoadedDetector, Scorable } from './load-detector.ts';

/** An image to score. */
export interface NamedImage {
  /** Its name in the output. */
  readonly name: string;
  readonly image: Scorable;
}

/** The result for an image: its verdict, or why it could not be read. */
export type Scored = { readonly name: string } & (
  | { readonly verdict: Verdict }
  /** Why it was skipped. */
  | { readonly unreadable: string }
);

/** How many images are in progress at once: one in the graph, and as many as libuv's threads decode. */
const atOnce = 5;

/**
 * Scores images in order. While one is in the graph, the next ones are decoded; only a few are in memory at a time.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID when the file's graph fails.
 */
export async function* scoreImages(
  detector: Pick<LoadedDetector, 'score'>,
  images: Iterable<NamedImage>,
): AsyncGenerator<Scored> {
  const underWay: Promise<Scored>[] = [];
  for (const image of images) {
    const work = scored(detector, image);
    // It may fail before it is awaited.
    work.catch(() => undefined);
    underWay.push(work);
    if (underWay.length >= atOnce) yield await underWay.shift()!;
  }
  for (const work of underWay) yield await work;
}

async function scored(detector: Pick<LoadedDetector, 'score'>, { name, image }: NamedImage): Promise<Scored> {
  try {
    return { name, verdict: await detector.score(image) };
  } catch (error) {
    if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE')
      return { name, unreadable: error.message };
    throw error;
  }
}
