import path from 'node:path';
import type { ManifestPlace } from '@farout/acquire/manifests';
import type { DatasetDefinition } from '@farout/core';
import type { Part } from '../experiment.ts';
import type { Catalogue } from '../plugins/catalogue.ts';
import { describeIssue, mostPrecise } from './describe.ts';
import { Faults } from './faults.ts';
import { SourceText, toPlain, type ConfigNode } from './node.ts';
import { resolvePart, type PartContext } from './parts.ts';
import { displayPath, readTextFile } from './reader.ts';
import { partSchema } from './schema.ts';
import { parseYaml, type Environment, type ReadingContext } from './yaml.ts';

type DatasetPart = Part<DatasetDefinition>;

/** The file of a dataset and the folder its paths are relative to. Both absolute. */
export type DatasetFile = Pick<ManifestPlace, 'file' | 'folder'>;

/** Context for reading a dataset file that no experiment names. */
export interface DatasetFileRequest {
  readonly catalogue: Catalogue;
  /** The user's working directory (absolute). File names in messages are relative to it. */
  readonly cwd: string;
  readonly env: Environment;
}

/**
 * Reads a file `datasets/<name>.yaml` without an experiment. The files it names need not exist. Undefined if the file
 * says only where the images come from, not how to read them.
 *
 * @throws FaroutError or FaroutErrors: what is wrong with the file.
 */
export async function loadDatasetFile(file: string, request: DatasetFileRequest): Promise<DatasetPart | undefined> {
  const faults = new Faults([]);
  const context = { ...request, faults, absentPaths: true };
  const source = await sourceOf({ file, folder: path.dirname(file) }, request.cwd);
  const node = parseYaml(source, request.env, faults);
  const own = withoutSource(node);
  if (node?.kind === 'map' && own?.kind === 'map' && own.entries.size === 0 && node.entries.size > 0) return undefined;
  const part = await resolveNode(own, source, context);
  faults.throwIfAny();
  return part;
}

/** Reads a file that defines one part; faults are recorded. */
export async function resolveFile(
  file: DatasetFile,
  context: PartContext & ReadingContext,
): Promise<DatasetPart | undefined> {
  try {
    const source = await sourceOf(file, context.cwd);
    const node = parseYaml(source, context.env, context.faults);
    return await resolveNode(withoutSource(node), source, context);
  } catch (error) {
    context.faults.note(error);
    return undefined;
  }
}

const sourceOf = async ({ file, folder }: DatasetFile, cwd: string) =>
  new SourceText(displayPath(file, cwd), folder, await readTextFile(file));

async function resolveNode(
  node: ConfigNode | undefined,
  source: SourceText,
  context: PartContext,
): Promise<DatasetPart | undefined> {
  if (node) return isPart(node, context) ? resolvePart('dataset', node, context) : undefined;
  context.faults.add('OOD_CONFIG_EMPTY', source.place(0, 1), 'the file is empty', { fix: howToWrite });
  return undefined;
}

/** A dataset file may also say where its images come from (`source`), which only matters to commands that download them. */
function withoutSource(node: ConfigNode | undefined): ConfigNode | undefined {
  if (node?.kind !== 'map') return node;
  return { ...node, entries: new Map([...node.entries].filter(([key]) => key !== 'source')) };
}

const howToWrite = 'Write one dataset, for example: image-folder: { root: ../data/textures }';

function isPart(node: ConfigNode, { faults }: PartContext): boolean {
  const [issue] = partSchema.safeParse(toPlain(node)).error?.issues ?? [];
  if (issue) {
    const message = `the dataset ${describeIssue(mostPrecise(issue), toPlain(node))}`;
    faults.add('OOD_CONFIG_TYPE', node.place, message, { fix: howToWrite });
  }
  return !issue;
}
