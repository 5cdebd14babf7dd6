import { FaroutError } from '@farout/core';
import { idImages, type IdImage, type RunDetector } from '@farout/runner';
import { openSession } from '@farout/runtime';
import type { Description } from '@farout/verdict';
import { fedImage } from './fed-image.ts';

/** An ID image of a run, and its score from a file. */
export interface FileScore extends Pick<IdImage, 'dataset' | 'id'> {
  readonly score: number;
}

/** How many images are in memory at once: as many as libuv's threads decode. */
const atOnce = 4;

/**
 * The scores of a file for every `step`-th ID image of a run, in order. Unreadable images are left out, as in a run.
 */
export async function* fileScores(
  bytes: Uint8Array,
  opened: Pick<RunDetector, 'experiment'>,
  description: Pick<Description, 'input' | 'preprocessing'>,
  step = 1,
): AsyncGenerator<FileScore> {
  const session = await openSession(bytes, { threads: 1 });
  try {
    for await (const some of inGroups(idImages(opened, step))) {
      const fed = await Promise.all(some.map(({ image }) => fedImage(image, description).catch(leftOut)));
      for (const [at, feeds] of fed.entries()) {
        if (!feeds) continue;
        const { score } = await session.run(feeds);
        yield { dataset: some[at]!.dataset, id: some[at]!.id, score: (score!.data as Float32Array)[0]! };
      }
    }
  } finally {
    await session.release();
  }
}

async function* inGroups<T>(all: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let some: T[] = [];
  for await (const each of all) {
    some.push(each);
    if (some.length < atOnce) continue;
    yield some;
    some = [];
  }
  yield some;
}

function leftOut(error: unknown): undefined {
  if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return undefined;
  throw error;
}
