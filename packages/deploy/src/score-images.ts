import { FaroutError } from '@farout/core';
import type { Verdict } from '@farout/verdict';
import type { LoadedDetector, Scorable } from './load-detector.ts';

/** An image that is to be scored. */
export interface NamedImage {
  /** What it is called where its verdict is shown. */
  readonly name: string;
  readonly image: Scorable;
}

/** What became of an image: its verdict, or why it could not be read. */
export type Scored = { readonly name: string } & (
  | { readonly verdict: Verdict }
  /** Why it is left out. */
  | { readonly unreadable: string }
);

/** So many images are under way at once: one in the graph, and as many as libuv's threads decode. */
const atOnce = 5;

/**
 * Scores images in their order. While one is in the graph the next ones are decoded, and never more than a few are in memory.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID where the file's graph fails.
 */
export async function* scoreImages(
  detector: Pick<LoadedDetector, 'score'>,
  images: Iterable<NamedImage>,
): AsyncGenerator<Scored> {
  const underWay: Promise<Scored>[] = [];
  for (const image of images) {
    const work = scored(detector, image);
    // It may fail before its turn comes to be waited for.
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
