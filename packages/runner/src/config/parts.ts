import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  didYouMean,
  pathMark,
  type BackboneDefinition,
  type ErrorCode,
  type ParametersSchema,
  type PathMark,
  type PublishedWeights,
  type SourcePlace,
  type z,
} from '@farout/core';
import type { Part, Split } from '../experiment.ts';
import { adviceOnPath, shortened } from '../path-advice.ts';
import type { Catalogue, CatalogueEntry, Definitions, NamedKind } from '../plugins/catalogue.ts';
import { describeIssue, describeSchema, isWordless, mostPrecise, quotesFor } from './describe.ts';
import type { Faults } from './faults.ts';
import {
  isIncomplete,
  keyPlaceAt,
  nodeAt,
  readPart,
  toPlain,
  type ConfigNode,
  type ScalarNode,
  type WrittenPart,
} from './node.ts';
import { isSplitByKey, splitKey, splitSchema, type WrittenSplit } from './schema.ts';

/** What parts are checked with. */
export interface PartContext {
  readonly catalogue: Catalogue;
  readonly faults: Faults;
}

/** The kinds of parts that have parameters. */
type ParametricKind = Exclude<NamedKind, 'metric'>;

/** How far a part is checked. */
interface PartOptions {
  /** Whether its files and folders must exist; not so for a dataset that has no role. Default true. */
  readonly paths?: boolean;
}

/** Finds a part in the catalogue and checks its parameters. Undefined when something is wrong, which is noted. */
export async function resolvePart<K extends ParametricKind>(
  kind: K,
  node: ConfigNode,
  context: PartContext,
  { paths = true }: PartOptions = {},
): Promise<Part<Definitions[K]> | undefined> {
  const whole = readPart(node);
  const entry = whole && findPart(kind, whole, context);
  if (!entry) return undefined;
  const { definition, origin } = entry;
  const { params: schema } = definition as { params: ParametersSchema };
  const isSplit = kind === 'dataset' && isSplitByKey({ params: schema });
  const taken = isSplit ? await takeSplit(whole, context.faults) : { part: whole, split: undefined };
  if (!taken) return undefined;
  const { part: written, split } = taken;
  const params = await checkParameters(schema, written, context.faults);
  if (paths) await checkPaths(schema, written, { faults: context.faults, published: publishedBy(definition) });
  return (
    params && {
      definition,
      params: { ...params, ...resolvePaths(schema, written) },
      origin,
      place: written.place,
      ...(split && { split }),
      placeOf: (parameter) => written.params?.entries.get(parameter)?.value.place ?? written.place,
    }
  );
}

const publishedBy = (definition: Definitions[ParametricKind]): PublishedWeights | undefined =>
  (definition as Partial<BackboneDefinition>).published;

/** What a mistaken name of each kind is reported as. */
const kinds = {
  backbone: { code: 'OOD_UNKNOWN_BACKBONE', title: 'Backbones here', one: 'backbone' },
  hook: { code: 'OOD_UNKNOWN_HOOK', title: 'Hooks here', one: 'hook' },
  scorer: { code: 'OOD_UNKNOWN_SCORER', title: 'Scorers here', one: 'scorer' },
  dataset: { code: 'OOD_UNKNOWN_DATASET', title: 'Kinds of datasets here', one: 'kind of dataset' },
  metric: { code: 'OOD_UNKNOWN_METRIC', title: 'Metrics here', one: 'metric' },
} as const satisfies Record<NamedKind, { code: ErrorCode; title: string; one: string }>;

/** Looks a part up by its name; when there is none, that is noted together with the names there are. */
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
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a hook, but a detector ends with a scorer`, { fix, choices });
  } else if (kind === 'hook' && catalogue.find('scorer', name)) {
    const fix = 'Put it last, or make a detector of its own of it.';
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a scorer, but only hooks stand before the last part`, {
      fix,
      choices,
    });
  } else {
    const fix =
      didYouMean(name, names) ?? 'Take one of those that are here, or name the plugin that brings it in "plugins".';
    faults.add(code, place, `unknown ${one} "${name}"`, { fix, choices });
  }
  return undefined;
}

type Issue = z.core.$ZodIssue;
type Params = Readonly<Record<string, unknown>>;

/**
 * The parameters of a part with their defaults, by its own schema, which is taken strictly: a parameter that it does not
 * know is a mistake. Undefined when something is wrong, which is noted at its place.
 */
async function checkParameters(
  schema: ParametersSchema,
  part: WrittenPart,
  faults: Faults,
): Promise<Params | undefined> {
  const report = new ParameterReport(schema, part, faults);
  try {
    const { data, error } = await schema.strict().safeParseAsync(part.params ? toPlain(part.params) : {});
    for (const issue of error?.issues ?? []) report.note(mostPrecise(issue));
    return data;
  } catch (cause) {
    faults.add('OOD_PLUGIN_FAILED', part.place, `${part.name} failed to check its parameters: ${String(cause)}`, {
      fix: 'Correct the schema of its parameters, or change them.',
      cause,
    });
    return undefined;
  }
}

/** Notes what a schema finds wrong with the parameters of one part. */
class ParameterReport {
  readonly #schema: ParametersSchema;
  readonly #part: WrittenPart;
  readonly #faults: Faults;

  constructor(schema: ParametersSchema, part: WrittenPart, faults: Faults) {
    this.#schema = schema;
    this.#part = part;
    this.#faults = faults;
  }

  note(issue: Issue): void {
    const node = this.#nodeAt(issue.path);
    if (issue.code === 'unrecognized_keys') issue.keys.forEach((key) => this.#noteUnknown([...issue.path, key]));
    else if (!node && issue.path.length > 0) this.#noteMissing(issue.path);
    else if (!node || !isIncomplete(node)) this.#noteWrong(issue, node);
  }

  #noteUnknown(path: readonly PropertyKey[]): void {
    const name = String(path.at(-1));
    const names = path.length === 1 ? Object.keys(this.#schema.shape) : [];
    this.#add(
      keyPlaceAt(this.#part.params!, path),
      `${this.#part.name} has no parameter "${path.map(String).join('.')}"`,
      {
        fix: didYouMean(name, names) ?? 'Leave it out.',
        names,
      },
    );
  }

  #noteMissing(path: readonly PropertyKey[]): void {
    const above = path.length > 1 ? this.#nodeAt(path.slice(0, -1))?.place : undefined;
    const message = `${this.#part.name} needs "${path.map(String).join('.')}"`;
    this.#add(above ?? this.#part.place, message, { fix: this.#fixFor(path) });
  }

  #noteWrong(issue: Issue, node: ConfigNode | undefined): void {
    const { name, place } = this.#part;
    const described = describeIssue(issue, node && toPlain(node), node?.kind === 'scalar' ? node.written : undefined);
    const isAboutAll = issue.path.length === 0 || (issue.code === 'custom' && !isWordless(issue));
    const fix = isAboutAll ? 'Change the parameters, or leave one out.' : this.#fixFor(issue.path);
    const message = described.startsWith('must')
      ? `"${issue.path.map(String).join('.')}" of ${name} ${described}`
      : `${name}: ${described}`;
    const refused = `${name} does not take these parameters together`;
    this.#add(node?.place ?? place, issue.path.length === 0 && isWordless(issue) ? refused : message, {
      fix: quotesFor(issue, node) ?? fix,
    });
  }

  /** What the parameter takes, from its schema. */
  #fixFor([parameter]: readonly PropertyKey[]): string {
    const schema = (this.#schema.shape as Partial<Record<string, z.ZodType>>)[String(parameter)];
    const takes = schema && describeSchema(schema);
    const meaning = schema?.description;
    return `Give "${String(parameter)}" ${takes ?? 'another value'}${meaning ? `: ${meaning}` : ''}.`;
  }

  #nodeAt(path: readonly PropertyKey[]): ConfigNode | undefined {
    return this.#part.params && nodeAt(this.#part.params, path);
  }

  #add(place: SourcePlace, message: string, { fix, names = [] }: { fix: string; names?: readonly string[] }): void {
    const choices = names.length > 0 ? { choices: { title: `Parameters of ${this.#part.name}`, names } } : {};
    this.#faults.add('OOD_BAD_PARAMETER', place, message, { fix, ...choices });
  }
}

/** The parameters of a part that are paths, made absolute. */
function resolvePaths(schema: ParametersSchema, part: WrittenPart): Record<string, string> {
  return Object.fromEntries(pathParameters(schema, part).map(({ parameter, absolute }) => [parameter, absolute]));
}

/** Notes every path of a part that leads to no file or folder. `published`: where the usual weights are to be had. */
async function checkPaths(
  schema: ParametersSchema,
  part: WrittenPart,
  { faults, published }: { readonly faults: Faults; readonly published: PublishedWeights | undefined },
): Promise<void> {
  for (const { parameter, absolute, kind, node } of pathParameters(schema, part)) {
    const fault = await pathFault(absolute, kind);
    if (fault === undefined) continue;
    const relative = path.isAbsolute(String(node.value)) ? '' : `, a path relative to ${node.folder}`;
    const advice = await adviceOnPath(String(node.value), node.folder);
    const correct = [advice, `Correct "${parameter}"${relative}.`].filter(Boolean).join(' ');
    if (parameter === 'weights' && published) {
      const { file, sha256, address } = published;
      const fix = `Load ${file} (its SHA-256 begins with ${sha256}) from ${address}. Or: ${correct}`;
      faults.add('OOD_MISSING_WEIGHTS', node.place, `the weights of ${part.name} are missing: ${fault}`, { fix });
    } else {
      faults.add('OOD_MISSING_FILE', node.place, fault, { fix: correct });
    }
  }
}

interface PathParameter {
  readonly parameter: string;
  readonly node: ScalarNode;
  readonly kind: PathMark['path'];
  readonly absolute: string;
}

/** Parameters that a schema marks as paths and that are written down as text. */
function pathParameters(schema: ParametersSchema, { params }: WrittenPart): PathParameter[] {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([parameter, type]) => {
    const kind = pathMark(type);
    const node = params?.entries.get(parameter)?.value;
    if (!kind || node?.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) return [];
    return [{ parameter, node, kind, absolute: path.resolve(node.folder, node.value) }];
  });
}

async function pathFault(absolute: string, kind: PathMark['path']): Promise<string | undefined> {
  try {
    const stats = await stat(absolute);
    if (kind === 'file' ? stats.isFile() : stats.isDirectory()) return undefined;
    return `${shortened(absolute)} is no ${kind}`;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? `there is no ${kind} ${shortened(absolute)}`
      : `${shortened(absolute)} cannot be read (${code})`;
  }
}

/** A dataset as it is written, without its split, and that one; undefined when it is wrong, which is noted. */
async function takeSplit(
  written: WrittenPart,
  faults: Faults,
): Promise<{ readonly part: WrittenPart; readonly split: Split | undefined } | undefined> {
  const entry = written.params?.entries.get(splitKey);
  if (!written.params || !entry) return { part: written, split: undefined };
  const entries = new Map(written.params.entries);
  entries.delete(splitKey);
  const part = { ...written, params: { ...written.params, entries } };
  const { value, keyPlace } = entry;
  if (value.kind !== 'map') {
    faults.add('OOD_BAD_PARAMETER', value.place, `"${splitKey}" of ${written.name} must be a map`, {
      fix: 'For example: split: { every: 2, offset: 0 }, or split: { share: 0.5, seed: 0 }.',
    });
    return undefined;
  }
  const params = await checkParameters(splitSchema, { name: splitKey, place: keyPlace, params: value }, faults);
  return params && { part, split: splitOf(params as WrittenSplit) };
}

const splitOf = ({ every, offset = 0, share, from = 0, seed = 0 }: WrittenSplit): Split =>
  every === undefined ? { share: share!, from, seed } : { every, offset };
