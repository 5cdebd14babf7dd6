import { writeNpyParts } from '@farout/checkpoints';
import { fitSetsOf, isMadeSet, type Experiment } from '../experiment.ts';
import { markBytes } from '../extraction/read-image.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import type { RunFile } from './replace-files.ts';

/** Sets that something was learnt from or selected on, with marks that identify their images. */
interface SeenImages {
  /** The file of each set, by set name. */
  readonly named: Readonly<Record<string, string>>;
  readonly files: readonly RunFile[];
}

/**
 * The images that detectors have seen before the test, by content: calibration on a user's own images must not use
 * these. Generated sets are left out, since nobody can use their images.
 */
export function seenImages(
  experiment: Pick<Experiment, 'fit' | 'detectors' | 'select' | 'datasets'>,
  sets: ReadonlyMap<string, Pick<ImageSet, 'contents'>>,
): SeenImages {
  const { select, datasets } = experiment;
  const names = new Set([...fitSetsOf(experiment), ...(select ? [...select.id, ...select.ood] : [])]);
  const seen = [...names].filter((name) => sets.has(name) && (datasets.has(name) || !isMadeSet(name)));
  const fileOf = (at: number) => `fitted/images-${at}.npy`;
  return {
    named: Object.fromEntries(seen.map((name, at) => [name, fileOf(at)])),
    files: seen.map((name, at) => ({ file: fileOf(at), content: marksFile(sets.get(name)!.contents) })),
  };
}

/** uint8 (images, 6), ascending. */
function marksFile(contents: readonly string[]): readonly Uint8Array[] {
  const marks = Float64Array.from(contents, (hash) => Number.parseInt(hash.slice(0, 2 * markBytes), 16)).sort();
  const data = Buffer.alloc(marks.length * markBytes);
  for (const [at, mark] of marks.entries()) data.writeUIntBE(mark, at * markBytes, markBytes);
  return writeNpyParts({ data: new Uint8Array(data), shape: [marks.length, markBytes] });
}
