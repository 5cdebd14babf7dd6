import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { decodeText, FaroutError, type DatasetFault, type ImageFile } from '@farout/core';
import { isBelow, KnownFiles } from './image-files.ts';
import type { ListLine } from './list-lines.ts';

/**
 * The text of a list.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it cannot be read or is no UTF-8.
 */
export async function readList(list: string): Promise<string> {
  const bytes = await readFile(list).catch((cause: unknown) => {
    throw invalid(`the list ${list} cannot be read`, 'Name a text file that you may read.', cause);
  });
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw invalid(`the list ${list} ${decoded.fault}`, decoded.fix);
}

const invalid = (message: string, fix: string, cause?: unknown) =>
  new FaroutError('OOD_DATASET_INVALID', message, { fix, cause });

/** What is wrong with a line. */
export interface LineFault {
  readonly fault: DatasetFault['kind'];
  readonly what: string;
  /** The file that is not there. */
  readonly missing?: string;
}

/** What a fit set's labels are kept in: 32 bits, signed. */
const largestLabel = 2 ** 31 - 1;

/** Makes an image of each line in turn, or says what is wrong with it. */
export function lineChecker(root: string): (line: ListLine) => Promise<ImageFile | LineFault> {
  const files = new KnownFiles();
  const lineOf = new Map<string, number>();
  const wrong = (fault: LineFault['fault'], what: string): LineFault => ({ fault, what });
  return async ({ line, name, label = -1, group }) => {
    const path = resolve(root, name);
    const id = relative(root, path).replaceAll(sep, '/');
    if (group === '') return wrong('layout', 'the field that names the group is not there');
    if (name === '') return wrong('layout', 'there is no path beside the group');
    if (label < -1 || label > largestLabel)
      return wrong('label', `the label ${label} is neither a class, 0 or more, nor -1`);
    if (!isBelow(root, path)) return wrong('layout', `"${name}" leads out of ${root}`);
    if (lineOf.has(id)) return wrong('layout', `"${name}" is listed twice, first in line ${lineOf.get(id)!}`);
    if (!(await files.has(path))) return { ...wrong('missing', `"${name}" is no file in ${root}`), missing: path };
    lineOf.set(id, line);
    return { id, path, ...(label >= 0 && { label }), ...(group && { group }) };
  };
}
