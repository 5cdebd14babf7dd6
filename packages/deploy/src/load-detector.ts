import { FaroutError, type RawPixels } from '@farout/core';
import { checkPixels, type ImageInput } from '@farout/runner/images';
import { openSession } from '@farout/runtime';
import { inTurns, isDetector, verdictOf, type Description, type Verdict } from '@farout/verdict';
import { fedImage } from './fed-image.ts';
import { readDescription } from './read-description.ts';

/** An image: the path of its file, the file's bytes, or its pixels, uint8 (height, width, 3). */
export type Scorable = string | Uint8Array | RawPixels;

/** A detector loaded from a file, ready to score images. */
export interface LoadedDetector {
  /** The description inside the file. */
  readonly description: Description;
  /**
   * Scores an image, resized like the run's images, here or in the graph. Calls may overlap: while one image is scored, others are decoded.
   *
   * @throws FaroutError OOD_IMAGE_UNREADABLE; OOD_DETECTOR_FILE_INVALID when the file's graph fails.
   */
  readonly score: (image: Scorable) => Promise<Verdict>;
  /** Frees the memory and ends the process of the graph. Until then, this process does not exit by itself. */
  readonly close: () => Promise<void>;
}

/** How to open a detector. */
export interface LoadOptions {
  /** Threads within one operator; default: 1. Scores do not depend on it. */
  readonly threads?: number;
  /** Whether to run the graph in a separate process, so an untrusted file can crash only that process; default: true. */
  readonly apart?: boolean;
}

/**
 * Opens a file written by `farout export`, or its bytes.
 *
 * @throws FaroutError what `readDescription` throws; OOD_DETECTOR_FILE_INVALID when its graph cannot be opened or is not a detector.
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
