import { FaroutError } from '@farout/core';
import { decodeImage, prepareImage, type ImageInput } from '@farout/runner/images';
import type { Arrays } from '@farout/runtime';
import { feedsOf, type Description } from '@farout/verdict';

/**
 * Prepares an image as the input of a file, as a batch of one.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE
 */
export async function fedImage(
  image: ImageInput,
  description: Pick<Description, 'input' | 'preprocessing'>,
): Promise<Arrays> {
  const { input, preprocessing } = description;
  if (input.kind !== 'photo') {
    const { outcome, pixels } = await prepareImage(image, preprocessing);
    if (pixels) return feedsOf(pixels, description);
    throw unreadable(outcome.unreadable!);
  }
  const { outcome, pixels: photo } = await decodeImage(image);
  if (!photo) throw unreadable(outcome.unreadable!);
  refuseTooLong(photo.shape, preprocessing);
  return { [input.name]: { data: photo.data, shape: [1, ...photo.shape] } };
}

/** Limit for the pixels of a photograph after resizing, before the graph crops it: 150 MB. */
const mostPixels = 50_000_000;

function refuseTooLong([height, width]: readonly number[], { resize, sides }: Description['preprocessing']): void {
  const [short, long] = [Math.min(height!, width!), Math.max(height!, width!)];
  const resized = sides === 'both' ? resize ** 2 : (resize ** 2 * long) / short;
  if (resized <= mostPixels) return;
  throw unreadable(
    `${width} × ${height} pixels would be ${Math.round(resized)} after the resize, more than ${mostPixels}`,
  );
}

const unreadable = (reason: string) => new FaroutError('OOD_IMAGE_UNREADABLE', reason);
