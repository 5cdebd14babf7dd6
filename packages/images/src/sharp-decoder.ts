import type { OutputInfo, Sharp } from 'sharp';
import { pixelLimit, unreadable } from './image-kind.ts';
import type { Pixels } from './pixels.ts';

let isWorker = false;
let loading: ReturnType<typeof load> | undefined;

/** Loads sharp when the first image needs it, because that takes longer than loading the rest of the program. */
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
 * Configures sharp for one of several worker processes: one thread per image, because the processes provide the parallelism, and no cache for images
 * that are read once. Applies to the whole process, so its owner calls it before the first image, not this package.
 */
export function configureSharpForWorker(): void {
  isWorker = true;
}

/** A file, with the information needed to decode it. */
export interface SharpInput {
  /** The name of its kind, for messages. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** The default recipe: sharp converts any colours to 8-bit RGB like Pillow. */
export async function decodeRgb(input: SharpInput): Promise<Pixels> {
  const { data, info } = await decodeWithSharp(input, (image) => image.toColourspace('srgb').raw());
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** The recipe for 16-bit grey: Pillow clips to 255 instead of scaling, so most images turn white; so do we. */
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

/** Converts one pixel of inks to RGB. */
export function inksToRgb(inks: Uint8Array, from: number, rgb: Uint8Array, to: number): void {
  const light = 255 - inks[from + 3]!;
  for (let ink = 0; ink < 3; ink++) {
    const product = inks[from + ink]! * light + 128;
    rgb[to + ink] = Math.max(0, light - (((product >> 8) + product) >> 8));
  }
}

/**
 * Runs a recipe on a file. Common to all recipes: embedded colour profiles are ignored, a truncated file is an error, alpha is dropped and not
 * blended, and sharp's resizing is never used.
 *
 * Throws OOD_IMAGE_UNREADABLE with the first line of the decoder's message.
 */
async function decodeWithSharp(
  { kind, bytes }: SharpInput,
  recipe: (image: Sharp) => Sharp,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const options = {
    ignoreIcc: true,
    // Errors of libtiff count as errors.
    failOn: kind === 'TIFF' ? 'error' : 'truncated',
    limitInputPixels: pixelLimit(),
    // Otherwise libvips gives up on a JPEG at the hundredth warning; Pillow has no such limit.
    unlimited: kind === 'JPEG',
  } as const;
  const sharp = await loadSharp();
  try {
    return await recipe(sharp(bytes, options).removeAlpha()).toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw unreadable('damaged', `the ${kind} cannot be decoded: ${firstLine(cause)}`, cause);
  }
}

/** libvips collects a line from every attempt and may leave a trailing colon; the first line has the reason. */
function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.trim().split('\n', 1)[0]!.replace(/:$/, '');
}

/** The versions of the decoders, for results.json: sharp, and the libraries in its binary. */
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
