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
 * The images listed in a text file, one per line, in that order: a path relative to the root, then the class if the last field is an
 * integer (0..K−1; absent or −1 means unknown). Paths may contain spaces. An image id is its path relative to the root. Links are followed
 * wherever they lead. A further field, selected by `group`, may name the source that images share.
 *
 * A line or the root may be an http or https address: workers download such images when they read them. The id of such an image is the part
 * after the root, or host and path. Its bytes are assumed unchanged as long as address and `release` are unchanged.
 *
 * The root may be the address of a storage provided by a plugin, such as s3://bucket/folder; the storage itself reports changed bytes.
 *
 * @throws FaroutError OOD_DATASET_INVALID when the list cannot be read, is not UTF-8 or is empty, and for the first invalid line: a file
 * that does not exist, is outside the root or is listed twice, a label that is not a class, or a missing group although `group` is
 * set.
 */
export const imageList = defineDataset({
  name: 'image-list',
  about: {
    summary: 'The images listed in a text file, with or without labels.',
  },
  params: z.object({
    list: filePath().describe('the text file, one image per line'),
    root: folderPath({ addresses: true, storages: true })
      .optional()
      .describe(
        'the folder or address (http, https, or a storage) that its paths are relative to; default: the folder of the list',
      ),
    release: z
      .string()
      .min(1)
      .optional()
      .describe('for images at addresses: a name for their current content; change it when the content changes'),
    group: z
      .int()
      .min(1)
      .optional()
      .describe(
        'which field of each line, counted from 1, names the source of the image; images of one source are drawn together',
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
