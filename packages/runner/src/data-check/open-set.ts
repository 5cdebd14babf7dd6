import { stat } from 'node:fs/promises';
import {
  FaroutError,
  pathMark,
  pathMarkOfValues,
  schemaOf,
  type Dataset,
  type DatasetDefinition,
  type DatasetFault,
  type DatasetImage,
  type DatasetSurvey,
  type SourcePlace,
  type z,
} from '@farout/core';
import type { Part } from '../experiment.ts';
import { settled } from '../plugins/failure.ts';
import { openDataset } from '../prepare/datasets.ts';
import type { CheckedSet, Finding } from './findings.ts';

/** A dataset, as far as it could be opened. */
export interface OpenedSet extends Pick<CheckedSet, 'name' | 'roles' | 'part'> {
  /** All images that it lists. */
  readonly listing: readonly DatasetImage[];
  /** The images that the experiment uses. */
  readonly images: readonly DatasetImage[];
  /** Its class names. */
  readonly classes?: readonly string[];
  /** Whether labels refer to the network's classes even if the set is out of distribution. */
  readonly writtenLabels: boolean;
}

/** Says how to get a missing file or folder of a dataset, if known. */
export type HowToGet = (missing: string, dataset: string) => string | undefined;

type HowToGetIts = (missing: string) => string | undefined;

type Found = Omit<Finding, 'dataset'>;

/** Checks the files of a dataset, lists its images and counts them. Problems become findings; nothing is thrown. */
export async function openSet(
  { name, roles, part, expected }: CheckedSet,
  howToGet: HowToGet,
): Promise<{ readonly opened: OpenedSet; readonly findings: readonly Finding[] }> {
  const howToGetIts = (missing: string) => howToGet(missing, name);
  const found: Found[] = await missingPaths(part, howToGetIts);
  const survey = found.length > 0 ? nothing : await surveyed(part, found);
  found.push(...survey.faults.map((fault) => ofFault(fault, howToGetIts)));
  const listed = await listedBy(name, part, survey, found);
  const opened: OpenedSet = { name, roles, part, writtenLabels: survey.writtenLabels === true, ...listed };
  if (expected && listed.listing.length !== expected.images && !found.some(({ kind }) => kind === 'missing'))
    found.push(otherCount(part, listed.listing.length, expected));
  return { opened, findings: found.map((each) => ({ dataset: name, ...each })) };
}

/** The result of a dataset's survey, with its arrays if its images are rows. */
type Surveyed = DatasetSurvey & Pick<Dataset, 'arrays'>;

const nothing: Surveyed = { images: [], faults: [] };

/** Paths among the parameters of a part that do not exist. */
async function missingPaths(part: Part<DatasetDefinition>, howToGetIts: HowToGetIts): Promise<Found[]> {
  const found: Found[] = [];
  for (const [parameter, kind, path] of pathsOf(part)) {
    const stats = await stat(path).catch((error: unknown) => error as NodeJS.ErrnoException);
    if (!(stats instanceof Error) && (kind === 'file' ? stats.isFile() : stats.isDirectory())) continue;
    const isGone = stats instanceof Error && ['ENOENT', 'ENOTDIR'].includes(stats.code ?? '');
    const what = isGone
      ? `the ${kind} is missing`
      : stats instanceof Error
        ? `cannot be read (${stats.code ?? ''})`
        : `is not a ${kind}`;
    const fix = howToGetIts(path) ?? `Correct "${parameter}" in ${shown(part.place)}.`;
    found.push({ kind: 'missing', severity: 'error', where: path, what, fix });
  }
  return found;
}

/** The paths among the parameters of a part, each with its parameter's name and the kind of thing it should be. */
function pathsOf({ definition, params }: Part<DatasetDefinition>) {
  const { shape } = schemaOf(definition) as { shape: Record<string, z.core.$ZodType> };
  return Object.entries(shape).flatMap(([parameter, type]) => {
    const value = params[parameter];
    const [kind, kindOfEach] = [pathMark(type, value), pathMarkOfValues(type)];
    if (typeof value === 'string') return kind === undefined ? [] : [[parameter, kind, value] as const];
    if (kindOfEach === undefined || typeof value !== 'object' || value === null) return [];
    return Object.entries(value as Record<string, string>).map(
      ([key, path]) => [`${parameter}.${key}`, kindOfEach, path] as const,
    );
  });
}

/** A place in a file, in the form that editors open. */
export const shown = ({ file, line }: SourcePlace) => `${file}:${line}`;

/** The dataset's survey, or if it has none, the notes from opening it. */
async function surveyed(part: Part<DatasetDefinition>, found: Found[]): Promise<Surveyed> {
  const { definition, params } = part;
  try {
    if (definition.survey) return await settled(definition.survey(params));
    const { notes = [], ...listed } = await settled(definition.open(params));
    const faults = notes.map((what): DatasetFault => ({
      kind: 'layout',
      severity: 'warning',
      where: placeOf(part),
      what,
    }));
    return { ...listed, faults };
  } catch (error) {
    found.push(refused(part, error));
    return nothing;
  }
}

/** The location of a dataset: its first path, or else the place where it is named. */
const placeOf = (part: Part<DatasetDefinition>) => pathsOf(part)[0]?.[2] ?? shown(part.place);

function refused(part: Part<DatasetDefinition>, error: unknown): Found {
  const { message } = error as Error;
  const { place, fix } = error instanceof FaroutError ? error : {};
  return {
    kind: 'layout',
    severity: 'error',
    where: place ? shown(place) : placeOf(part),
    what: message,
    ...(fix !== undefined && { fix }),
  };
}

function ofFault({ missing, ...fault }: DatasetFault, howToGetIts: HowToGetIts): Found {
  const fix = (missing === undefined ? undefined : howToGetIts(missing)) ?? fault.fix;
  return { ...fault, ...(fix !== undefined && { fix }) };
}

/** What a run would read of it if nothing were refused. Empty if the dataset breaks the contract, which becomes a finding. */
async function listedBy(
  name: string,
  part: Part<DatasetDefinition>,
  { images, classes, arrays }: Surveyed,
  found: Found[],
): Promise<Pick<OpenedSet, 'listing' | 'images' | 'classes'>> {
  const none = { listing: [], images: [] };
  if (images.length === 0 && found.some(({ severity }) => severity === 'error')) return none;
  const open = () => Promise.resolve({ images, ...(classes && { classes }), ...(arrays && { arrays }) });
  try {
    const opened = await openDataset(name, { ...part, definition: { ...part.definition, open } });
    return {
      listing: opened.listing ?? opened.images,
      images: opened.images,
      ...(opened.classes && { classes: opened.classes }),
    };
  } catch (error) {
    found.push(refused(part, error));
    return none;
  }
}

function otherCount(
  part: Part<DatasetDefinition>,
  there: number,
  { images, by, layout }: NonNullable<CheckedSet['expected']>,
): Found {
  const difference = there < images ? `${images - there} too few` : `${there - images} too many`;
  return {
    kind: 'count',
    severity: 'error',
    where: placeOf(part),
    what: `there are ${there} images, but ${by} has ${images}: ${difference}`,
    fix: `Compare with the expected layout: ${layout}.`,
  };
}
