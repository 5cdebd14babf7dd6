import { basename, dirname, resolve } from 'node:path';
import { addressOfEntry, type DatasetFault, type DatasetSurvey, type ImageAddress, type ImageFile } from '@farout/core';
import { lineChecker, readList, storedLines } from './list-images.ts';
import { adviceOn, type ListLine, listLines, usualAdvice } from './list-lines.ts';
import { isStored } from './stored-images.ts';

/** The parameters for reading a list. */
export interface ListParameters {
  readonly list: string;
  readonly root?: string | undefined;
  readonly release?: string | undefined;
  readonly group?: number | undefined;
  readonly limit?: number | undefined;
}

/**
 * Reports all problems of a list: missing files by folder, other problems by line. Returns the images that exist.
 */
export async function surveyList({
  list,
  root = dirname(list),
  release,
  group,
  limit,
}: ListParameters): Promise<DatasetSurvey> {
  const lines = listLines(await readList(list), group).slice(0, limit);
  const check = lineChecker(root, release, await storedLines(root, lines));
  const images: (ImageFile | ImageAddress)[] = [];
  const faults: DatasetFault[] = [];
  const missing: ListLine[] = [];
  for (const line of lines) {
    const checked = await check(line);
    if (!('fault' in checked)) images.push(checked);
    else if (checked.fault === 'missing') missing.push(line);
    else {
      const where = `${list}:${line.line}`;
      faults.push({ kind: checked.fault, severity: 'error', where, what: checked.what, fix: usualAdvice });
    }
  }
  return { images, faults: [...(await missingFiles({ list, root, lines }, missing)), ...faults], writtenLabels: true };
}

interface Listing {
  readonly list: string;
  readonly root: string;
  readonly lines: readonly ListLine[];
}

/** The missing files of each folder, out of how many. Advice is sought for the first file only. */
async function missingFiles({ list, root, lines }: Listing, missing: readonly ListLine[]): Promise<DatasetFault[]> {
  const below = (name: string) => (isStored(root) ? addressOfEntry(root, name) : resolve(root, name));
  const advice = missing[0] && !isStored(root) ? await adviceOn(missing[0], resolve(root)) : undefined;
  const listed = byFolder(lines);
  return [...byFolder(missing)].map(([folder, gone]) => {
    const [first] = gone as [ListLine];
    const of = listed.get(folder)!.length;
    const counted = of === 1 ? 'the one file' : `${gone.length} of the ${of} files`;
    return {
      kind: 'missing',
      severity: 'error',
      where: below(folder),
      what: `${counted} listed in ${basename(list)} ${gone.length === 1 ? 'is' : 'are'} missing, the first "${first.name}" (line ${first.line})`,
      fix: advice !== undefined && first === missing[0] ? advice : `Add the missing images. ${usualAdvice}`,
      items: gone.map(({ name }) => name),
      missing: below(first.name),
    };
  });
}

function byFolder(lines: readonly ListLine[]): Map<string, ListLine[]> {
  const folders = new Map<string, ListLine[]>();
  for (const line of lines) {
    const folder = dirname(line.name);
    const own = folders.get(folder);
    if (own) own.push(line);
    else folders.set(folder, [line]);
  }
  return folders;
}
