import { FaroutError, type RawPixels } from '@farout/core';
import { checkPixels, type ImageInput } from '@farout/runner/images';
import { openSession } from '@farout/runtime';
import { inTurns, isDetector, verdictOf, type Description, type Verdict } from '@farout/verdict';
import { fedImage } from './fed-image.ts';
import { readDescription } from './read-description.ts';

/** An image: the path of its file, its file's bytes, or its pixels, uint8 (height, width, 3). */
export type Scorable = string | Uint8Array | RawPixels;

/** A detector out of a file, ready to score images. */
export interface LoadedDetector {
  /** What the file says of itself. */
  readonly description: Description;
  /**
   * Scores an image, resized as the run's images were, here or in the graph. Several may be asked for at a time: while one is scored, others are decoded.
   *
   * @throws FaroutError OOD_IMAGE_UNREADABLE; OOD_DETECTOR_FILE_INVALID where the file's graph fails.
   */
  readonly score: (image: Scorable) => Promise<Verdict>;
  /** Gives the memory back, and ends the process in which the graph runs: until then this one does not end by itself. */
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
 * Opens a file that `farout export` wrote, or its bytes.
 *
 * @throws FaroutError what `readDescription` throws; OOD_DETECTOR_FILE_INVALID where its graph cannot be opened or is no detector's.
 */
export async function loadDetector(
  model: string | Uint8Array,
  { threads = 1, apart = true }: LoadOptions = {},
): Promise<LoadedDetector> {
  const description = await readDescription(model);
  const name = typeof model === 'string' ? model : 'the model';
  const session = await openSession(model, { threads, apart }).catch((cause: unknown) => {
    throw invalid(name, 'opened', cause);
  });
  if (!isDetector({ inputs: Object.keys(session.inputs), outputs: session.outputs }, description)) {
    await session.release();
    throw invalid(name, 'used', new Error('its inputs or outputs are not those expected'));
  }
  const inTurn = inTurns();
  return {
    description,
    score: async (image) => {
      const feeds = await fedImage(inputOf(image), description);
      const outputs = await inTurn(() => session.run(feeds)).catch((cause: unknown) => {
        throw invalid(name, 'run', cause);
      });
      return verdictOf(outputs, description);
    },
    close: () => session.release(),
  };
}

const invalid = (name: string, what: string, cause: unknown) =>
  new FaroutError('OOD_DETECTOR_FILE_INVALID', `the graph of ${name} cannot be ${what}: ${(cause as Error).message}`, {
    fix: 'Export the detector again.',
    cause,
  });

function inputOf(image: Scorable): ImageInput {
  if (typeof image === 'string') return { path: image };
  if (!('shape' in image)) return { bytes: image };
  try {
    return { pixels: checkPixels(image) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}
