import { FaroutError } from '@farout/core';
import type { PassedOver } from './find-images.ts';
import { is, listed, some } from './name-lists.ts';

/** @throws FaroutError OOD_DATASET_INVALID for names that are not UTF-8. */
export function refuseUndecodable(root: string, { undecodable }: PassedOver): void {
  if (undecodable.length === 0) return;
  throw new FaroutError(
    'OOD_DATASET_INVALID',
    `${some(undecodable, 'name')} in ${root} ${is(undecodable)} not UTF-8: ${listed(undecodable)}`,
    {
      fix: `Rename ${undecodable.length === 1 ? 'it' : 'them'}; if Latin-1: convmv -f latin1 -t utf8 -r --notest ${root}`,
    },
  );
}

/** Notes on skipped files and folders that the user may miss; `byFolder`: whether folders are classes. */
export function notesOn({ broken, circles, flattened, hidden }: PassedOver, byFolder: boolean): string[] {
  const notes = [
    [broken, 'link', 'with a missing target'],
    [circles, 'link', 'pointing back to a folder above'],
    [flattened, 'file', 'containing a path, which Git writes where it cannot create a link'],
    [byFolder ? hidden : [], 'hidden folder', 'not counted as classes'],
  ] as const;
  return notes.flatMap(([names, thing, which]) =>
    names.length === 0 ? [] : [`skipped ${some(names, thing)} ${which}: ${listed(names)}`],
  );
}
