import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, pathMark, schemaOf, type ParametersSchema, type PathMark, type z } from '@farout/core';
import type { Experiment, Part } from './experiment.ts';

/** The current location of a run's files. */
export interface Relocation {
  /** The file of the network's weights, or the folder of all such files; absolute or relative to the working directory. */
  readonly weights?: string;
  /** The folder of the ID images; for several ID sets, each as `name=folder`. */
  readonly data?: readonly string[];
}

/** The parts of a saved experiment that name files, in JSON form: a part's name, then its parameters. */
export interface SavedPlaces {
  readonly backbone: unknown;
  readonly datasets: Readonly<Record<string, unknown>>;
}

/**
 * The same parts with the paths of what has moved. `known` is the saved experiment as loaded; its files may be missing.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it is ambiguous which path is meant.
 */
export async function relocated(
  saved: SavedPlaces,
  known: Experiment,
  { weights, data = [], cwd }: Relocation & { readonly cwd: string },
): Promise<SavedPlaces> {
  const { backbone } = known;
  const moved = weights === undefined ? {} : await weightsAt(path.resolve(cwd, weights), backbone);
  const datasets = { ...saved.datasets };
  for (const given of data) {
    const { name, folder } = setAt(given, known);
    const part = known.datasets.get(name)!;
    datasets[name] = withParams(datasets[name], part, { [folderParameter(name, part)]: path.resolve(cwd, folder) });
  }
  return { backbone: withParams(saved.backbone, backbone, moved), datasets };
}

type NamedPart = Part<{ readonly name: string; readonly params?: ParametersSchema }>;

/** A saved part with other parameters. */
const withParams = (saved: unknown, { definition: { name } }: NamedPart, params: Readonly<Record<string, string>>) => {
  const own = (saved as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[name];
  return Object.keys(params).length === 0 ? saved : { [name]: { ...own, ...params } };
};

/** The parameters of a part that are paths of this kind, with their values. */
const pathsOf = ({ definition, params }: NamedPart, kind: PathMark['path']): (readonly [string, string])[] =>
  Object.entries(schemaOf(definition).shape).flatMap(([name, schema]) => {
    const value = params[name];
    return typeof value === 'string' && pathMark(schema as z.core.$ZodType, value) === kind
      ? [[name, value] as const]
      : [];
  });

/** The files of a network in a folder, or its only file. */
async function weightsAt(place: string, backbone: NamedPart): Promise<Record<string, string>> {
  const files = pathsOf(backbone, 'file');
  if (files.length === 0)
    throw badCommand(
      `the network of the run was not read from a file: it is "${backbone.definition.name}"`,
      'Omit --weights.',
    );
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory())
    return Object.fromEntries(files.map(([name, value]) => [name, path.join(place, path.basename(value))]));
  const [[name], another] = files as [(typeof files)[number], ...typeof files];
  if (!another) return { [name]: place };
  throw badCommand(
    `the network of the run was read from ${files.length} files: ${files.map(([, value]) => path.basename(value)).join(', ')}`,
    'Set --weights to the folder that contains them.',
  );
}

/** The text before the first `=` may be the name of an ID set; otherwise all of it is the folder of the only one. */
function setAt(given: string, { id }: Experiment): { readonly name: string; readonly folder: string } {
  const [name] = id.filter((each) => given.startsWith(`${each}=`)).sort((a, b) => b.length - a.length);
  if (name !== undefined) return { name, folder: given.slice(name.length + 1) };
  if (id.length === 1) return { name: id[0]!, folder: given };
  throw badCommand(`the run has ${id.length} ID sets: ${id.join(', ')}`, `Choose one: --data ${id[0]}=<folder>.`);
}

/** The parameter with the folder of a set's images; if it has none, the one with its file. */
function folderParameter(name: string, part: NamedPart): string {
  const [folders, files] = [pathsOf(part, 'folder'), pathsOf(part, 'file')];
  const [only, another] = folders.length > 0 ? folders : files;
  if (only && !another) return only[0];
  const kind = part.definition.name;
  throw badCommand(
    `the ID set "${name}" (${kind}) has ${only ? 'several paths' : 'no path'} that --data could stand for`,
    only ? `Set each with --set datasets.${name}.${kind}.<parameter>=<path>.` : 'Omit --data.',
  );
}

const badCommand = (message: string, fix: string) => new FaroutError('OOD_BAD_COMMAND', message, { fix });
