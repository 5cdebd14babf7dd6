/// <reference lib="dom" />
import type { RawPixels } from '@farout/core';
import { maxPixels, type Pixels, type Size } from '@farout/images/resize';
import { pixelsOn } from './canvas.ts';
import { plainFile, unreadable } from './image-file.ts';

/**
 * An image: a file (JPEG, PNG, WebP) or its address, a canvas or an image decoded elsewhere, or its pixels, uint8 (height, width, 3). The content
 * of a canvas or ImageBitmap is used unchanged.
 */
export type Scorable = Blob | URL | string | ImageBitmap | HTMLCanvasElement | OffscreenCanvas | ImageData | RawPixels;

/**
 * The pixels of an image. For files, they are those of Pillow 9.4 after `convert('RGB')`.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE for a file that is damaged or of a kind that browsers decode differently, for transparent pixels,
 * and when the browser alters pixels read from a canvas.
 */
export async function decode(image: Scorable): Promise<Pixels> {
  if (typeof image === 'string' || image instanceof URL) return decode(await fetched(image));
  if (image instanceof Blob) return ofFile(new Uint8Array(await image.arrayBuffer()));
  if ('shape' in image) return ofPixels(image);
  refuseSize(image);
  return opaque(image instanceof ImageData ? image : pixelsOn(image));
}

async function fetched(address: string | URL): Promise<Blob> {
  const why = 'Check that the image exists, and that its server allows this page to read it.';
  const response = await fetch(address).catch((cause: unknown) => {
    throw unreadable(`${String(address)} cannot be fetched`, why, cause);
  });
  if (!response.ok) throw unreadable(`${String(address)} cannot be fetched: status ${response.status}`, why);
  return response.blob();
}

async function ofFile(bytes: Uint8Array): Promise<Pixels> {
  const { kind, parts, ...size } = plainFile(bytes);
  refuseSize(size);
  const blob = new Blob(parts as readonly BlobPart[] as BlobPart[], { type: `image/${kind.toLowerCase()}` });
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  const bitmap = await createImageBitmap(blob, options).catch((cause: unknown) => {
    throw unreadable(`the ${kind} is damaged: the browser cannot decode it`, 'Use another copy of the file.', cause);
  });
  try {
    return opaque(pixelsOn(bitmap));
  } finally {
    bitmap.close();
  }
}

function ofPixels({ data, shape: [height, width, channels] }: RawPixels): Pixels {
  refuseSize({ width, height });
  if ((channels as number) === 3 && data.length === 3 * width * height) return { width, height, data };
  throw unreadable(
    'pixels must be an array of (height, width, 3)',
    'Give the red, green and blue of each pixel, row by row.',
  );
}

function refuseSize({ width, height }: Size): void {
  if (width >= 1 && height >= 1 && width * height <= maxPixels) return;
  const what = `the image has ${width} × ${height} pixels`;
  throw unreadable(what, `Use an image of at least one pixel and at most ${maxPixels}.`);
}

/** Red, green and blue of opaque pixels. */
function opaque({ width, height, data: rgba }: ImageData): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4) {
    if (rgba[from + 3] !== 255)
      throw unreadable(
        'the image has transparent pixels, whose colours browsers do not reproduce exactly',
        'Save it without transparency.',
      );
    data[to++] = rgba[from]!;
    data[to++] = rgba[from + 1]!;
    data[to++] = rgba[from + 2]!;
  }
  return { width, height, data };
}
