import { constants, type Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, sep } from 'node:path';
import { FaroutError } from '@farout/core';

/**
 * Extensions of images. Includes unsupported kinds, so that such files are reported, not overlooked.
 */
const ofImages = new Set(
  ['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'gif', 'bmp', 'webp', 'tif', 'tiff', 'ppm', 'pgm', 'avif', 'heic', 'heif'].map(
    (extension) => `.${extension}`,
  ),
);

/** Extensions of files often stored next to images, never opened: there may be as many annotations as images. */
const ofOthers = new Set(
  [
    ...['txt', 'csv', 'tsv', 'json', 'jsonl', 'xml', 'yaml', 'yml', 'toml', 'ini', 'md', 'html', 'htm', 'pdf', 'log'],
    ...['py', 'ipynb', 'sh', 'js', 'ts', 'npy', 'npz', 'mat', 'h5', 'pt', 'pth', 'pkl', 'onnx', 'parquet', 'db'],
    ...['zip', 'tar', 'gz', 'bz2', 'xz', 'zst', '7z', 'rar', 'mp4', 'avi', 'mov', 'mp3', 'wav'],
  ].map((extension) => `.${extension}`),
);

/** What the name of a file tells: an image, something else, or nothing. */
export function kindByName(name: string): 'image' | 'other' | 'unknown' {
  const extension = extname(name).toLowerCase();
  if (ofImages.has(extension)) return 'image';
  return ofOthers.has(extension) ? 'other' : 'unknown';
}

/** The first bytes of image formats. `.` matches any byte. */
const beginnings = [
  /^\xff\xd8\xff/, // JPEG
  /^\x89PNG\r\n\x1a\n/,
  /^GIF8[79]a/,
  /^RIFF....WEBP/s,
  /^(?:II[*+]\0|MM\0[*+])/, // TIFF, BigTIFF
  /^BM....\0\0\0\0....[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0/s, // BMP: a known size of its header
  /^P[1-6]\s+[\d#]/, // PBM, PGM, PPM
  /^....ftyp(?:avif|avis|heic|heix|heim|heis|mif1|msf1)/s,
  /^(?:\0\0\0\x0cjP {2}\r\n|\xff\x4f\xff\x51)/, // JPEG 2000
  /^(?:\0\0\0\x0cJXL |\xff\x0a)/, // JPEG XL
  /^8BPS\0/,
];

/** How many bytes are read: enough to recognize an image, or to hold a whole path. */
const looked = 4096;

/**
 * The first bytes of a file, one character each; empty if the file no longer exists. Does not block on pipes.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it cannot be read, because it may be an image.
 */
export async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(looked), 0, looked, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAbsence(error)) return '';
    throw unreadable(`the file ${path}`, error, 'Make it readable, or remove it: it may be an image.');
  }
}

/**
 * The target of a path; undefined if there is none.
 *
 * @throws FaroutError OOD_DATASET_INVALID when the system cannot tell: a possible image must not be skipped.
 */
export async function targetOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unreadable(path, error, 'Check that its target is readable.');
  }
}

/** An error for something that cannot be read, with the reason from the system. */
export function unreadable(what: string, cause: unknown, fix: string): FaroutError {
  const { code } = cause as NodeJS.ErrnoException;
  return new FaroutError('OOD_DATASET_INVALID', `${what} cannot be read${code ? ` (${code})` : ''}`, { fix, cause });
}

/** Whether an error means that nothing exists at a path, or cannot exist there. Other errors leave this open. */
const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL', 'ERR_INVALID_ARG_VALUE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );

/** Whether a file with these first bytes is an image. */
export const isImageByContent = (beginning: string): boolean => beginnings.some((begins) => begins.test(beginning));

/**
 * Checks which paths are files or links to files. Reads each folder once for all paths in it: for a list of 100,000 images this takes a
 * fraction of a second; checking each file takes several.
 */
export class KnownFiles {
  readonly #plainFiles = new Map<string, Promise<ReadonlySet<string>>>();

  /**
   * Whether an absolute path is a file, or a link to a file anywhere.
   *
   * @throws FaroutError OOD_DATASET_INVALID when the system cannot tell.
   */
  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    let files = this.#plainFiles.get(folder);
    if (!files) this.#plainFiles.set(folder, (files = plainFilesIn(folder)));
    return (await files).has(basename(path)) || isFile(path);
  }
}

async function plainFilesIn(folder: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  } catch {
    // Then each path is checked by itself.
    return new Set();
  }
}

/** Also handles links, and names that the file system matches in a different case or normal form than the folder listing. */
async function isFile(path: string): Promise<boolean> {
  return (await targetOf(path))?.isFile() === true;
}

/** Whether a path is a folder or is below it. Compares text; both must be absolute and normalised. */
export const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
