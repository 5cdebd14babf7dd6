import { dirname, resolve } from 'node:path';
import {
  defineDataset,
  filePath,
  folderPath,
  FaroutError,
  isAddress,
  z,
  type ImageAddress,
  type ImageFile,
} from '@farout/core';
import { limit } from './limit.ts';
import { lineChecker, readList, storedLines, type LineFault } from './list-images.ts';
import { adviceOn, type ListLine, listLines, usualAdvice } from './list-lines.ts';
import { surveyList } from './list-survey.ts';
import { isStored } from './stored-images.ts';

/**
 * The images that a text file lists, one a line and in its order: a path relative to the root, then its class if the
 * last field is an integer (0..K−1; absent or −1 means unknown). Blanks within a path belong to it; an image is called by
 * its path relative to the root. Links are followed, wherever they lead. A further field, `group` says which, may name the source that
 * images share.
 *
 * A line may be an http or https address, and so may the root: workers load such images when they read them. An image behind an address is called by
 * what follows the root, or by host and path. Its bytes are taken to be the same as long as address and `release` are.
 *
 * The root may be the address of a storage that a plugin brings, such as s3://bucket/folder; that says itself when bytes have changed.
 *
 * @throws FaroutError OOD_DATASET_INVALID when the list cannot be read, is no UTF-8 or is empty, and at the first wrong line: a file
 * that does not exist, is written as a path out of the root or is listed twice, a label that is no class, or no group where `group` asks
 * for one.
 */
export const imageList = defineDataset({
  name: 'image-list',
  about: {
    summary: 'The images that a text file lists, with or without labels.',
  },
  params: z.object({
    list: filePath().describe('the text file, one image a line'),
    root: folderPath({ addresses: true, storages: true })
      .optional()
      .describe(
        "the folder, or the address (http, https, or of a storage), that its paths are relative to; the list's own when absent",
      ),
    release: z
      .string()
      .min(1)
      .optional()
      .describe('of images behind addresses: names what lies there now, to be changed when that does'),
    group: z
      .int()
      .min(1)
      .optional()
      .describe(
        'which field of each line, counted from 1, names the source that images share and are drawn together by',
      ),
    limit: limit(),
  }),
  open: async ({ list, root = dirname(list), release, group, limit }) => {
    const text = await readList(list);
    const lines = listLines(text, group).slice(0, limit);
    if (lines.length === 0)
      throw invalid(`the list ${list} is empty`, { fix: 'Write the path of one image on each line.' });
    const check = lineChecker(root, release, await storedLines(root, lines));
    const images: (ImageFile | ImageAddress)[] = [];
    for (const line of lines) {
      const checked = await check(line);
      if ('fault' in checked)
        throw atLine(
          checked,
          line,
          { file: list, text },
          isAddress(root) || isStored(root) ? undefined : await adviceOn(line, resolve(root)),
        );
      images.push(checked);
    }
    return { images };
  },
  survey: surveyList,
});

const invalid = (message: string, details: ConstructorParameters<typeof FaroutError>[2]) =>
  new FaroutError('OOD_DATASET_INVALID', message, details);

const atLine = (
  { what, missing }: LineFault,
  { line, content }: ListLine,
  source: { file: string; text: string },
  advice?: string,
) =>
  invalid(what, {
    missing,
    place: { ...source, line, column: 1, length: content.length },
    fix: advice ?? usualAdvice,
  });
