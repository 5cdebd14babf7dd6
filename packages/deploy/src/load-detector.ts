import { readFile } from 'node:fs/promises';
import type { RawPixels } from '@farout/core';
import { prepare } from '@farout/images';
import { openSession, type Session } from '@farout/runtime';
import type { Description } from './description.ts';
import { normalised } from './export.ts';
import { standingOf, type Standing } from './ranks.ts';
import { readDescription } from './read-description.ts';

/** What a detector says of an image. */
export interface Verdict extends Standing {
  /** Higher = more in-distribution. */
  readonly score: number;
  /** Whether the score exceeds the file's threshold. */
  readonly isInDistribution: boolean;
  /** The class that the network takes it for, by number, and what it is called where the file says so. */
  readonly class: number;
  readonly label?: string;
  /** The probability that the network gives this class; no promise, and least of all for an image that is not in distribution. */
  readonly probability: number;
}

/** An image: the path of its file, its file's bytes, or its pixels, uint8 (height, width, 3). */
export type Scorable = string | Uint8Array | RawPixels;

/** A detector out of a file, ready to score images. */
export interface LoadedDetector {
  /** What the file says of itself. */
  readonly description: Description;
  /**
   * Scores an image, resized as the run's images were.
   *
   * @throws FaroutError OOD_IMAGE_UNREADABLE.
   */
  readonly score: (image: Scorable) => Promise<Verdict>;
  /** Gives the memory back. */
  readonly close: () => Promise<void>;
}

/** How a detector is opened. */
export interface LoadOptions {
  /** Threads within one operator; 1 when absent. Scores do not depend on it. */
  readonly threads?: number;
  /** Whether the graph runs in a process of its own, so that whatever a foreign file does ends that process alone; true when absent. */
  readonly apart?: boolean;
}

/**
 * Opens a file that `farout export` wrote.
 *
 * @throws FaroutError what `readDescription` throws; OOD_DETECTOR_FILE_INVALID where its graph cannot be opened.
 */
export async function loadDetector(
  model: string | Uint8Array,
  { threads = 1, apart = true }: LoadOptions = {},
): Promise<LoadedDetector> {
  const description = await readDescription(model);
  const session = await openSession(model, { threads, apart });
  return {
    description,
    score: async (image) => verdictOf(await run(session, description, image), description),
    close: () => session.release(),
  };
}

async function run(session: Session, { input: { kind, name, size }, preprocessing }: Description, image: Scorable) {
  const pixels = await prepare(typeof image === 'string' ? await readFile(image) : image, preprocessing);
  const fed =
    kind === 'pixels'
      ? { data: pixels, shape: [1, size, size, 3] }
      : { data: normalised(pixels, preprocessing), shape: [1, 3, size, size] };
  return session.run({ [name]: fed });
}

function verdictOf(outputs: Awaited<ReturnType<Session['run']>>, { idScores, labels }: Description): Verdict {
  const score = Number(outputs.score!.data[0]);
  const probabilities = outputs.probabilities!.data as Float32Array;
  const found = probabilities.reduce((best, each, at) => (each > probabilities[best]! ? at : best), 0);
  const label = labels?.[found];
  return {
    score,
    isInDistribution: Number(outputs.is_in_distribution!.data[0]) === 1,
    class: found,
    ...(label !== undefined && { label }),
    probability: probabilities[found]!,
    ...standingOf(score, idScores),
  };
}
