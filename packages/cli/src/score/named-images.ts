import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError } from '@farout/core';
import { imageFolder } from '@farout/datasets';
import type { NamedImage } from '@farout/deploy';
import { stdinWord } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';

/**
 * The images that words name, in the order of the words: a file; all images in a folder and its subfolders, sorted by
 * path (bytewise); or an image on stdin. A missing file counts as an unreadable image.
 *
 * @throws FaroutError OOD_DATASET_INVALID for a folder without images; OOD_BAD_COMMAND if stdin is named twice.
 */
export async function namedImages(
  words: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
): Promise<readonly NamedImage[]> {
  if (words.filter((word) => word === stdinWord).length > 1) throw badCommand('stdin (-) is named twice');
  const all: NamedImage[] = [];
  for (const word of words) {
    if (word === stdinWord) all.push({ name: 'stdin', image: await bytesOf(stdin) });
    else all.push(...(await imagesAt(word)));
  }
  return all;
}

async function imagesAt(word: string): Promise<NamedImage[]> {
  const absolute = path.resolve(userFolder(), word);
  const stats = await stat(absolute).catch(() => undefined);
  if (!stats?.isDirectory()) return [{ name: word, image: absolute }];
  const { images } = await imageFolder.open({ root: absolute, labels: 'none' });
  return images.map(({ id }) => ({ name: path.join(word, id), image: path.join(absolute, id) }));
}

/** Maximum size of an image file, in bytes. */
const mostBytes = 2 ** 30;

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    if (length > mostBytes) throw new FaroutError('OOD_IMAGE_UNREADABLE', 'stdin has more than 1 GiB');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
