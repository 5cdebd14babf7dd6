import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { decodeText, defineDataset, filePath, folderPath, FaroutError, z, type ImageFile } from '@farout/core';
import { isBelow, KnownFiles } from './image-files.ts';
import { limit } from './limit.ts';
import { adviceOn, type ListLine, listLines } from './list-lines.ts';

/** What a fit set's labels are kept in: 32 bits, signed. */
const largestLabel = 2 ** 31 - 1;

/**
 * The images that a text file lists, one a line and in its order: a path relative to the root, then its class if the
 * last field is an integer (0..K−1; absent or −1 means unknown). Blanks within a path belong to it; an image is called by
 * its path relative to the root. Links are followed, wherever they lead. A further field, `group` says which, may name the source that
 * images share.
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
    root: folderPath().optional().describe("the folder that its paths are relative to; the list's own when absent"),
    group: z
      .int()
      .min(1)
      .optional()
      .describe(
        'which field of each line, counted from 1, names the source that images share and are drawn together by',
      ),
    limit: limit(),
  }),
  open: async ({ list, root = dirname(list), group, limit }) => {
    const text = await read(list);
    const lines = listLines(text, group).slice(0, limit);
    if (lines.length === 0)
      throw invalid(`the list ${list} is empty`, { fix: 'Write the path of an image on each line.' });
    const check = lineChecker(resolve(root));
    const images: ImageFile[] = [];
    for (const line of lines) {
      const checked = await check(line);
      if (typeof checked === 'string')
        throw atLine(checked, line, { file: list, text }, await adviceOn(line, resolve(root)));
      images.push(checked);
    }
    return { images };
  },
});

const invalid = (message: string, details: ConstructorParameters<typeof FaroutError>[2]) =>
  new FaroutError('OOD_DATASET_INVALID', message, details);

async function read(list: string): Promise<string> {
  const bytes = await readFile(list).catch((cause: unknown) => {
    throw invalid(`the list ${list} cannot be read`, { fix: 'Name a text file that you may read.', cause });
  });
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw invalid(`the list ${list} ${decoded.fault}`, { fix: decoded.fix });
}

const atLine = (
  message: string,
  { line, content }: ListLine,
  source: { file: string; text: string },
  advice?: string,
) =>
  invalid(message, {
    place: { ...source, line, column: 1, length: content.length },
    fix: advice ?? 'Correct the line or leave it out; "root" is the folder that the paths are relative to.',
  });

/** Makes an image of each line in turn, or says what is wrong with it. */
function lineChecker(root: string): (line: ListLine) => Promise<ImageFile | string> {
  const files = new KnownFiles();
  const lineOf = new Map<string, number>();
  return async ({ line, name, label = -1, group }) => {
    const path = resolve(root, name);
    const id = relative(root, path).replaceAll(sep, '/');
    if (group === '') return 'the field that names the group is not there';
    if (name === '') return 'there is no path beside the group';
    if (label < -1 || label > largestLabel) return `the label ${label} is neither a class, 0 or more, nor -1`;
    if (!isBelow(root, path)) return `"${name}" leads out of ${root}`;
    if (lineOf.has(id)) return `"${name}" is listed twice, first in line ${lineOf.get(id)!}`;
    if (!(await files.has(path))) return `"${name}" is no file in ${root}`;
    lineOf.set(id, line);
    return { id, path, ...(label >= 0 && { label }), ...(group && { group }) };
  };
}
