import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '@farout/acquire/manifests';
import {
  didYouMean,
  FaroutError,
  isAddress,
  pathMark,
  pathMarkOfValues,
  schemaOf,
  schemeOf,
  storageAt,
  type ErrorCode,
  type ParametersSchema,
  type PathMark,
  type PublishedWeights,
  type SourcePlace,
  type z,
} from '@farout/core';
import type { Part } from '../experiment.ts';
import { adviceOnPath, shortened } from '../path-advice.ts';
import type { Catalogue, CatalogueEntry, Definitions, NamedKind } from '../plugins/catalogue.ts';
import { faultOfAddress, namedFile, type NamedFile } from './addresses.ts';
import type { Faults } from './faults.ts';
import { readPart, type ConfigNode, type ScalarNode, type WrittenPart } from './node.ts';
import { checkParameters } from './parameters.ts';
import { manifestOf, takePublished, whereToGet } from './published.ts';
import { takeReserved, type ParametricKind } from './reserved.ts';

/** Context for checking parts. */
export interface PartContext {
  readonly catalogue: Catalogue;
  readonly faults: Faults;
  /** Whether files and folders named by parts may be missing: for datasets without a role, and where the caller loads missing files next. */
  readonly absentPaths?: boolean;
}

/** Finds a part in the catalogue and checks its parameters. Undefined if anything is wrong; every fault is recorded. */
export async function resolvePart<K extends ParametricKind>(
  kind: K,
  node: ConfigNode,
  context: PartContext,
): Promise<Part<Definitions[K]> | undefined> {
  const named = readPart(node);
  const entry = named && findPart(kind, named, context);
  if (!entry) return undefined;
  const { definition, origin, code } = entry;
  const complete = await takePublished(definition, named, context);
  if (!complete) return undefined;
  const { part: whole, weights, published } = complete;
  const schema = schemaOf(definition);
  const taken = await takeReserved(kind, definition, whole, context.faults);
  if (!taken) return undefined;
  const { part: written, ...reserved } = taken;
  const params = await checkParameters(schema, written, context.faults);
  if (!context.absentPaths) await checkPaths(schema, written, { ...context, weights, published });
  return (
    params && {
      definition,
      params: { ...params, ...resolvePaths(schema, written) },
      origin,
      ...(code && { code }),
      place: written.place,
      ...reserved,
      ...(published && { published }),
      placeOf: (parameter) => whole.params?.entries.get(parameter)?.value.place ?? written.place,
    }
  );
}

/** How an unknown name of each kind is reported. */
const kinds = {
  backbone: { code: 'OOD_UNKNOWN_BACKBONE', title: 'Available backbones', one: 'backbone' },
  hook: { code: 'OOD_UNKNOWN_HOOK', title: 'Available hooks', one: 'hook' },
  scorer: { code: 'OOD_UNKNOWN_SCORER', title: 'Available scorers', one: 'scorer' },
  dataset: { code: 'OOD_UNKNOWN_DATASET', title: 'Available kinds of datasets', one: 'kind of dataset' },
  metric: { code: 'OOD_UNKNOWN_METRIC', title: 'Available metrics', one: 'metric' },
} as const satisfies Record<NamedKind, { code: ErrorCode; title: string; one: string }>;

/** Looks a part up by its name. An unknown name is recorded together with the known ones. */
export function findPart<K extends NamedKind>(
  kind: K,
  { name, place }: Pick<WrittenPart, 'name' | 'place'>,
  { catalogue, faults }: { readonly catalogue: Catalogue; readonly faults: Faults },
): CatalogueEntry<K> | undefined {
  const found = catalogue.find(kind, name);
  if (found) return found;
  const { code, title, one } = kinds[kind];
  const names = catalogue.names(kind);
  const choices = { title, names };
  if (kind === 'scorer' && catalogue.find('hook', name)) {
    const fix = `Put a scorer after it: [${name}, ${names[0] ?? 'a scorer'}].`;
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a hook, but a detector must end with a scorer`, { fix, choices });
  } else if (kind === 'hook' && catalogue.find('scorer', name)) {
    const fix = 'Put it last, or make it a separate detector.';
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a scorer, but only hooks are allowed before the last part`, {
      fix,
      choices,
    });
  } else {
    const fix =
      didYouMean(name, [...names, ...catalogue.aliases(kind)]) ??
      'Use one of those available, or name the plugin that provides it in "plugins".';
    faults.add(code, place, `unknown ${one} "${name}"`, { fix, choices });
  }
  return undefined;
}

/** The parameters of a part that are paths, made absolute. */
function resolvePaths(schema: ParametersSchema, part: WrittenPart): Record<string, string | Record<string, string>> {
  const resolved: Record<string, string | Record<string, string>> = {};
  for (const { parameter, key, absolute } of pathParameters(schema, part))
    resolved[parameter] = key === undefined ? absolute : { ...(resolved[parameter] as object), [key]: absolute };
  return resolved;
}

/**
 * How the paths of a part are checked. `weights` can be downloaded; `published` is their manifest if the experiment names no file.
 */
interface PathOptions extends PartContext {
  readonly weights: PublishedWeights | undefined;
  readonly published: Manifest | undefined;
}

/** Records a fault for every path of a part that does not exist. */
async function checkPaths(schema: ParametersSchema, part: WrittenPart, options: PathOptions): Promise<void> {
  const { faults, weights, published } = options;
  await checkAddresses(schema, part, faults);
  for (const { parameter, key, absolute, address, kind, node } of pathParameters(schema, part)) {
    if (address !== undefined && kind === 'file') {
      await checkAddress(address, { absolute, place: node.place, faults });
      continue;
    }
    const fault = await pathFault(absolute, kind);
    if (fault === undefined) continue;
    if (weights?.parameter !== parameter) {
      const called = [parameter, key].filter((each) => each !== undefined).join('.');
      faults.add('OOD_MISSING_FILE', node.place, fault, { fix: await howToCorrect(called, node), missing: absolute });
      continue;
    }
    const manifest = published ?? (await manifestOf(weights, part, options));
    const get = manifest ? `Load ${whereToGet(manifest)}. Or: ` : '';
    const otherwise = published ? `Set "${parameter}" to a file of your own.` : await howToCorrect(parameter, node);
    faults.add('OOD_MISSING_WEIGHTS', node.place, `the weights of ${part.name} are missing: ${fault}`, {
      fix: `${get}${otherwise}`,
      missing: absolute,
    });
  }
}

async function howToCorrect(parameter: string, { value, folder }: ScalarNode): Promise<string> {
  const relative = path.isAbsolute(String(value)) ? '' : `, a path relative to ${folder}`;
  const advice = await adviceOnPath(String(value), folder);
  return [advice, `Correct "${parameter}"${relative}.`].filter(Boolean).join(' ');
}

/** For parameters that accept addresses unchanged: records those that are malformed, not allowed, or served by no plugin. */
async function checkAddresses(schema: ParametersSchema, { params }: WrittenPart, faults: Faults): Promise<void> {
  for (const [parameter, type] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const node = params?.entries.get(parameter)?.value;
    if (node?.kind !== 'scalar' || pathMark(type) === pathMark(type, node.value)) continue;
    if (isAddress(node.value)) noteFault(node.value, node.place, faults);
    else if (typeof node.value === 'string' && schemeOf(node.value) !== undefined)
      await checkStored(node.value, node.place, faults);
  }
}

/** Records a fault for an address that no plugin serves or that is invalid. Makes no request. */
export async function checkStored(address: string, place: SourcePlace, faults: Faults): Promise<void> {
  try {
    await storageAt(address);
  } catch (error) {
    if (!(error instanceof FaroutError)) throw error;
    const { code, message, fix, choices } = error;
    faults.add(code, place, message, { ...(fix !== undefined && { fix }), ...(choices && { choices }) });
  }
}

/** Records what is wrong with an address. True if anything is. */
function noteFault(address: string, place: SourcePlace, faults: Faults): boolean {
  const wrong = faultOfAddress(address);
  if (wrong) faults.add('OOD_ADDRESS_REFUSED', place, wrong.fault, { fix: wrong.fix });
  return wrong !== undefined;
}

/** Records a fault for an invalid or forbidden address, and for one whose file has not been downloaded. */
async function checkAddress(
  address: string,
  { absolute, place, faults }: { readonly absolute: string; readonly place: SourcePlace; readonly faults: Faults },
): Promise<void> {
  if (noteFault(address, place, faults)) return;
  if ((await pathFault(absolute, 'file')) !== undefined)
    faults.add('OOD_MISSING_FILE', place, `the file at ${address} is not on this machine`, {
      fix: 'Download it with "pull" and this experiment, or with "run --pull".',
      missing: absolute,
      address,
    });
}

interface PathParameter extends NamedFile {
  readonly parameter: string;
  /** The key, if the parameter is a map of paths. */
  readonly key?: string;
  readonly node: ScalarNode;
  readonly kind: PathMark['path'];
}

/** Parameters that the schema marks as paths and whose values are text. */
function pathParameters(schema: ParametersSchema, { params }: WrittenPart): PathParameter[] {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([parameter, type]) => {
    const node = params?.entries.get(parameter)?.value;
    const [kind, kindOfEach] = [
      pathMark(type, node?.kind === 'scalar' ? node.value : undefined),
      pathMarkOfValues(type),
    ];
    if (kind) return pathIn(node, kind, { parameter });
    if (!kindOfEach || node?.kind !== 'map') return [];
    return [...node.entries].flatMap(([key, { value }]) => pathIn(value, kindOfEach, { parameter, key }));
  });
}

function pathIn(
  node: ConfigNode | undefined,
  kind: PathMark['path'],
  name: Pick<PathParameter, 'parameter' | 'key'>,
): PathParameter[] {
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) return [];
  const named =
    kind === 'file' ? namedFile(node.value, node.folder) : { absolute: path.resolve(node.folder, node.value) };
  return [{ ...name, node, kind, ...named }];
}

async function pathFault(absolute: string, kind: PathMark['path']): Promise<string | undefined> {
  try {
    const stats = await stat(absolute);
    if (kind === 'file' ? stats.isFile() : stats.isDirectory()) return undefined;
    return `${shortened(absolute)} is not a ${kind}`;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? `there is no ${kind} ${shortened(absolute)}`
      : `${shortened(absolute)} cannot be read (${code})`;
  }
}
