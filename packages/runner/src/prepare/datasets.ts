import { stat } from 'node:fs/promises';
import {
  FaroutError,
  FaroutErrors,
  type Dataset,
  type DatasetDefinition,
  type DatasetImage,
  type SourcePlace,
} from '@farout/core';
import { labelledSetsOf, type Experiment, type Part } from '../experiment.ts';
import { faultOfArrays } from '../extraction/given-rows.ts';
import { FileIndex } from '../extraction/file-index.ts';
import { checkImages, stretchOf } from '../extraction/images.ts';
import { cutListing, type ListedDataset } from '../extraction/look-up.ts';
import { commonImages, type CommonImages, type ToldApart } from '../extraction/overlaps.ts';
import { atPlace, settled } from '../plugins/failure.ts';
import { Entries } from '../store/entries.ts';
import { openStore } from '../store/open-store.ts';
import { splitImages } from './split.ts';
import { listedImages, nothingLeft, othersThan } from './split-by-list.ts';

/**
 * Lists the images of every dataset that has a role. Reads none of them.
 *
 * @throws FaroutError OOD_DATASET_INVALID, and any error of a dataset with its own code, at its place.
 */
export async function openDatasets({ datasets }: Experiment): Promise<Map<string, ListedDataset>> {
  const opened = new Map<string, ListedDataset>();
  for (const [name, part] of datasets) opened.set(name, await atPlace(part.place, () => openDataset(name, part)));
  return opened;
}

/**
 * Lists the images of one dataset, and selects those of its split.
 *
 * @throws FaroutError OOD_DATASET_INVALID, and any error of the dataset with its own code.
 */
export async function openDataset(name: string, part: Part<DatasetDefinition>): Promise<ListedDataset> {
  const dataset: unknown = await list(name, part);
  const { images, classes, notes, arrays } = (dataset ?? {}) as Partial<Dataset>;
  const listed = { ...(await chosenOf(name, part, images)), ...(arrays && { arrays }) };
  const fault = isOfRows(listed) ? faultOfArrays(listed) : undefined;
  if (fault !== undefined) throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" ${fault}`);
  return { ...listed, ...checkClasses(name, classes), notes: checkNotes(name, notes) };
}

/** Whether its images are rows of precomputed features. */
const isOfRows = ({ images }: Pick<Dataset, 'images'>): boolean => images.some((image) => 'row' in image);

/**
 * Checks that a network that reads images gets images, and that a network that is only a last layer gets rows of its features.
 *
 * @throws FaroutError or FaroutErrors OOD_DATASET_INVALID at the place of each dataset of the wrong kind.
 */
export function refuseOtherInputs(
  { backbone: { definition }, datasets }: Experiment,
  opened: ReadonlyMap<string, ListedDataset>,
  featureWidth: number,
): void {
  const faultOf = (dataset: ListedDataset) => {
    if (definition.over === undefined)
      return isOfRows(dataset) ? `has features, but the backbone "${definition.name}" reads images` : undefined;
    return isOfRows(dataset)
      ? faultOfArrays(dataset, featureWidth)
      : `lists images, but the backbone "${definition.name}" has only a last layer`;
  };
  FaroutErrors.throwIfAny(
    [...opened].flatMap(([name, dataset]) => {
      const fault = faultOf(dataset);
      if (fault === undefined) return [];
      const { place } = datasets.get(name)!;
      const fix = 'Use features with the backbone "features", and images with any other.';
      return [new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" ${fault}`, { place, fix })];
    }),
  );
}

async function list(name: string, { definition, params }: Part<DatasetDefinition>): Promise<Dataset> {
  try {
    return await settled(Promise.resolve(definition.open(params)));
  } catch (error) {
    if (error instanceof FaroutError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" cannot be opened: ${message}`, {
      cause: error,
    });
  }
}

/**
 * Checks the images of a whole listing, and selects those of the split.
 *
 * @throws FaroutError OOD_DATASET_INVALID
 */
export const chosenOf = (name: string, part: Part<DatasetDefinition>, listing: unknown): Promise<ListedDataset> =>
  chosen(name, part, checkImages(name, listing));

/** The images of a listing that are in the split; all of them without a split. */
async function chosen(name: string, { split }: Part<DatasetDefinition>, listing: Dataset['images']) {
  if (!split) return { images: listing };
  const taken = 'list' in split ? await listedImages(listing, split.list) : splitImages(listing, split);
  const images = 'rest' in split && split.rest ? othersThan(taken, listing) : taken;
  if (images.length > 0) return { images, listing };
  throw nothingLeft(name, listing, split);
}

function checkClasses(name: string, classes: unknown): Pick<Dataset, 'classes'> {
  if (classes === undefined) return {};
  const isName = (each: unknown): each is string => typeof each === 'string' && each !== '';
  if (Array.isArray(classes) && classes.every(isName)) return { classes: [...classes] };
  throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" gives classes that are not a list of names`);
}

function checkNotes(name: string, notes: unknown): readonly string[] {
  if (notes === undefined) return [];
  if (Array.isArray(notes) && notes.every((note): note is string => typeof note === 'string')) return notes;
  throw new FaroutError('OOD_DATASET_INVALID', `the dataset "${name}" gives notes that are not a list of strings`);
}

/** The notes of the datasets, each sentence preceded by its dataset's name. */
export const notesOn = (datasets: ReadonlyMap<string, Dataset>): string[] =>
  [...datasets].flatMap(([name, { notes = [] }]) => notes.map((note) => `${name}: ${note}`));

/** The names of the network's classes, from the first ID set that gives them, or else from a fit set. */
export const classNames = (experiment: Experiment, opened: ReadonlyMap<string, Dataset>): Dataset['classes'] =>
  labelledSetsOf(experiment)
    .map((name) => opened.get(name)?.classes)
    .find((classes) => classes !== undefined);

/**
 * Compares the labels that are used, and the class names of their sets, with the classes of the network. Labels of
 * OOD sets may mean other classes, and are not used.
 *
 * @throws FaroutError or FaroutErrors OOD_DATASET_INVALID at the place of each dataset that has a label of K or more,
 *   or that names another number of classes than K.
 */
export function refuseForeignLabels(
  experiment: Experiment,
  opened: ReadonlyMap<string, Dataset>,
  classes: number,
): void {
  FaroutErrors.throwIfAny(
    labelledSetsOf(experiment).flatMap((name) =>
      foreignClasses(name, opened.get(name) ?? { images: [] }, classes, experiment.datasets.get(name)?.place),
    ),
  );
}

/** Errors for labels and class names of a dataset that do not fit the number of classes. */
export function foreignClasses(
  name: string,
  { images, classes: called }: Pick<Dataset, 'images' | 'classes'>,
  classes: number,
  place?: SourcePlace,
): FaroutError[] {
  const labelled = images.filter(({ label }) => label !== undefined);
  const foreign = labelled.filter(({ label }) => label! >= classes);
  return [
    ...(called !== undefined && called.length !== classes ? [otherClasses(name, called, classes, place)] : []),
    ...(foreign.length > 0 ? [foreignLabels(name, labelled, foreign, classes, place)] : []),
  ];
}

const otherClasses = (name: string, called: readonly string[], classes: number, place: SourcePlace | undefined) =>
  new FaroutError(
    'OOD_DATASET_INVALID',
    `the dataset "${name}" names ${called.length} classes, but the network has ${classes}`,
    {
      ...(place && { place }),
      fix: "Name all classes in the order of the network's training, or none. If there are folders for only some classes, add a list of all classes.",
    },
  );

function foreignLabels(
  name: string,
  labelled: Dataset['images'],
  [first, ...others]: Dataset['images'],
  classes: number,
  place: SourcePlace | undefined,
): FaroutError {
  const [least, most] = labelled.reduce(
    ([low, high], { label }) => [Math.min(low, label!), Math.max(high, label!)],
    [Infinity, -Infinity],
  );
  const more = others.length > 0 ? `, and ${others.length} more such labels` : '';
  return new FaroutError(
    'OOD_DATASET_INVALID',
    `the dataset "${name}" gives the image "${first!.id}" the label ${first!.label!}${more}, but the network has ${classes} classes, 0 to ${classes - 1}`,
    {
      ...(place && { place }),
      fix:
        least === 1 && most === classes
          ? 'These labels seem to start at 1: subtract 1 from each.'
          : "Count classes from 0, in the order of the network's training; label an unknown class -1, or omit the label.",
    },
  );
}

/** What sets have in common, as far as known without reading an image. */
export interface KnownOverlaps extends CommonImages {
  /** Number of images whose content is unknown: they were never read, or have changed since. */
  readonly unknown: number;
}

/** Compares the images of all sets by their paths, their inodes, and their hashes from earlier runs, if any. */
export async function knownOverlaps(
  experiment: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<KnownOverlaps> {
  const { sets, unknown } = await knownImages(experiment, datasets);
  return { ...commonImages(experiment, sets), unknown };
}

/** The images of all sets with the marks known for them, and the number of images whose content is unknown. */
export async function knownImages(
  experiment: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
): Promise<{ readonly sets: ReadonlyMap<string, ToldApart>; readonly unknown: number }> {
  const store = await openStore(experiment);
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
        const [place] = places[at]!;
        if (content === undefined && place !== undefined) unknown.add(place);
        ids.push(id);
        marks.push(content === undefined ? places[at]! : [...places[at]!, `content ${content}`]);
      }
    }
    sets.set(name, { ids, marks });
  }
  return { sets, unknown: unknown.size };
}

/** Two paths with the same inode are one file. Pixels are identified by their content, which is known. */
async function placesOf(image: DatasetImage): Promise<string[]> {
  if ('pixels' in image || 'row' in image) return [];
  const stretch = 'read' in image ? '' : [' ', ...stretchOf(image)].join(' ').trimEnd();
  if (!('path' in image)) return [`version ${image.version}${stretch}`];
  const named = `path ${image.path}${stretch}`;
  try {
    const { dev, ino } = await stat(image.path, { bigint: true });
    // 0 on systems without such numbers.
    return [named, ...(ino > 0n ? [`inode ${dev}:${ino}${stretch}`] : [])];
  } catch {
    return [named];
  }
}
