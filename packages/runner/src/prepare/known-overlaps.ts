import { stat } from 'node:fs/promises';
import { tokens, type DatasetImage, type Store } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import { cutListing, FileIndex, type ListedDataset } from '../extraction/listing.ts';
import { commonImages, type CommonImages, type ToldApart } from '../extraction/overlaps.ts';
import { Entries } from '../store/entries.ts';
import { FileStore, storeFolder } from '../store/store.ts';

/** What sets have in common as far as it is known without reading an image. */
export interface KnownOverlaps extends CommonImages {
  /** Images whose content is not known: they were never read, or changed since. */
  readonly unknown: number;
}

/** Compares the images of all sets by their paths, their inodes, and their hashes where an earlier run took them. */
export async function knownOverlaps(
  experiment: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<KnownOverlaps> {
  const store = await storeOf(experiment);
  const index = new FileIndex(new Entries({ store, logger: { warn: () => undefined } }));
  const sets = new Map<string, ToldApart>();
  const unknown = new Set<string>();
  for (const [name, dataset] of datasets) {
    const [ids, marks]: [string[], string[][]] = [[], []];
    for (const cut of cutListing(dataset)) {
      const { contents } = await index.look(cut);
      const places = await Promise.all(cut.images.map(placesOf));
      for (const [at, { id }] of cut.images.entries()) {
        const content = contents[at];
        if (content === undefined) unknown.add(places[at]![0]!);
        ids.push(id);
        marks.push(content === undefined ? places[at]! : [...places[at]!, `content ${content}`]);
      }
    }
    sets.set(name, { ids, marks });
  }
  return { ...commonImages(experiment, sets), unknown: unknown.size };
}

async function storeOf(experiment: Experiment): Promise<Store> {
  const create = experiment.services.get(tokens.store);
  return create ? ((await create()) as Store) : new FileStore(storeFolder(experiment));
}

/** Two paths with one inode are one file under two names. */
async function placesOf(image: DatasetImage): Promise<string[]> {
  if (!('path' in image)) return [`version ${image.version}`];
  try {
    const { dev, ino } = await stat(image.path, { bigint: true });
    // Where the system has no such numbers, they are 0.
    return [`path ${image.path}`, ...(ino > 0n ? [`inode ${dev}:${ino}`] : [])];
  } catch {
    return [`path ${image.path}`];
  }
}
