import type { OutputInfo, Sharp } from 'sharp';
import { pixelLimit, unreadable } from './image-kind.ts';
import type { Pixels } from './pixels.ts';

let isWorker = false;
let loading: ReturnType<typeof load> | undefined;

/** sharp, which is loaded when the first image needs it: it takes longer than the rest of the program. */
export const loadSharp = () => (loading ??= load());

async function load() {
  const { default: sharp } = await import('sharp');
  if (isWorker) {
    sharp.concurrency(1);
    sharp.cache(false);
  }
  return sharp;
}

/**
 * Makes sharp fit for one of several worker processes: one thread an image, as the parallelism lies in the processes;
 * nothing kept of images that are seen once. For the whole process, so the process's owner calls it before the first image,
 * not this package.
 */
export function configureSharpForWorker(): void {
  isWorker = true;
}

/** A file, and what its decoding needs to know. */
export interface SharpInput {
  /** The name of its kind, for messages. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** The usual recipe: whatever the file's colours are, sharp turns them into 8-bit RGB as Pillow does. */
export async function decodeRgb(input: SharpInput): Promise<Pixels> {
  const { data, info } = await decodeWithSharp(input, (image) => image.toColourspace('srgb').raw());
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** The recipe for 16-bit grey: Pillow clips to 255 rather than scaling, so that most images turn white; so do we. */
export async function decodeGrey16(input: SharpInput): Promise<Pixels> {
  const { data, info } = await decodeWithSharp(input, (image) =>
    image.toColourspace('grey16').raw({ depth: 'ushort' }),
  );
  const grey = new Uint16Array(data.buffer, data.byteOffset, info.width * info.height);
  const rgb = new Uint8Array(grey.length * 3);
  grey.forEach((value, i) => rgb.fill(Math.min(value, 255), i * 3, i * 3 + 3));
  return { width: info.width, height: info.height, data: rgb };
}

/**
 * The recipe for cyan, magenta, yellow and black: each colour is (255 − black) less its share of the ink, no profile.
 *
 * Source: Pillow 9.4, Convert.c, `cmyk2rgb`; a · b / 255 is rounded as its `MULDIV255` does.
 */
export async function decodeCmyk(input: SharpInput): Promise<Pixels> {
  const { data: inks, info } = await decodeWithSharp(input, (image) =>
    image.pipelineColourspace('cmyk').toColourspace('cmyk').raw(),
  );
  const data = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) inksToRgb(inks, from, data, to);
  return { width: info.width, height: info.height, data };
}

/** One pixel of inks as RGB. */
export function inksToRgb(inks: Uint8Array, from: number, rgb: Uint8Array, to: number): void {
  const light = 255 - inks[from + 3]!;
  for (let ink = 0; ink < 3; ink++) {
    const product = inks[from + ink]! * light + 128;
    rgb[to + ink] = Math.max(0, light - (((product >> 8) + product) >> 8));
  }
}

/**
 * Runs a recipe on a file. What all recipes share: embedded colour profiles are ignored, a file that ends early is an
 * error, alpha is dropped and not blended; never any of sharp's resizing.
 *
 * Throws OOD_IMAGE_UNREADABLE with the first line of what the decoder said.
 */
async function decodeWithSharp(
  { kind, bytes }: SharpInput,
  recipe: (image: Sharp) => Sharp,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const options = {
    ignoreIcc: true,
    // libtiff's errors are errors.
    failOn: kind === 'TIFF' ? 'error' : 'truncated',
    limitInputPixels: pixelLimit(),
    // Else libvips gives a JPEG up at its hundredth warning, where Pillow counts none.
    unlimited: kind === 'JPEG',
  } as const;
  const sharp = await loadSharp();
  try {
    return await recipe(sharp(bytes, options).removeAlpha()).toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw unreadable('damaged', `the ${kind} cannot be decoded: ${firstLine(cause)}`, cause);
  }
}

/** libvips gathers a line from every attempt and may leave a colon behind; the first line says what is wrong. */
function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.trim().split('\n', 1)[0]!.replace(/:$/, '');
}

/** What decodes the images, for results.json: sharp, and the libraries that its binary carries. */
export async function decoderVersions(): Promise<Readonly<Record<string, string>>> {
  const { versions } = await loadSharp();
  return {
    sharp: versions.sharp,
    libvips: versions.vips,
    mozjpeg: versions.mozjpeg ?? 'unknown',
    libpng: versions.png ?? 'unknown',
    libwebp: versions.webp ?? 'unknown',
    libtiff: versions.tiff ?? 'unknown',
  };
}
