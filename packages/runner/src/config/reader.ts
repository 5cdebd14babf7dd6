import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, FaroutError, type SourcePlace } from '@farout/core';
import { adviceOnPath, shortened } from '../path-advice.ts';
import { atPlace } from '../plugins/failure.ts';
import { describeIssue, quotesFor } from './describe.ts';
import { readPart, SourceText, toPlain, type ConfigNode, type MapNode, type ScalarNode } from './node.ts';
import { extendsSchema } from './schema.ts';
import { parseYaml, type ReadingContext } from './yaml.ts';

/** Far more than any family of experiments needs. Files that extend two others each soon reach it. */
const mostFiles = 100;

/** Reads an experiment together with its bases. */
export class ExperimentReader {
  readonly #context: ReadingContext;
  readonly #folders = new Map<string, string>();
  readonly #texts: string[] = [];
  #files = 0;
  #incomplete = false;

  constructor(context: ReadingContext) {
    this.#context = context;
  }

  /** Whether a base could not be read. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /** The folder of the file that a place lies in; undefined if this reader did not read it. */
  folderOf({ file }: SourcePlace): string | undefined {
    return this.#folders.get(file);
  }

  /** The texts that were read, unmodified: the experiment, then its bases in order. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /**
   * Reads the experiment in a text on top of its bases; later bases override earlier ones. `chain` lists the files
   * that led here, this one last.
   *
   * @throws FaroutError OOD_CONFIG_SYNTAX, OOD_CONFIG_EMPTY or OOD_CONFIG_TYPE if the text is not an experiment.
   *   Faults in a base are recorded, and the result then lacks that base.
   */
  async read(text: string, chain: readonly string[]): Promise<MapNode> {
    const { cwd, env, faults } = this.#context;
    const file = chain.at(-1)!;
    const source = new SourceText(displayPath(file, cwd), path.dirname(file), text);
    this.#folders.set(source.file, source.folder);
    this.#texts.push(text);
    const root = asExperiment(parseYaml(source, env, faults), source);
    const entries = new Map(root.entries);
    entries.delete('extends');
    const bases: MapNode[] = [];
    for (const node of this.#named(root)) bases.push(...(await this.#base(node, chain)));
    return [...bases, { ...root, entries }].reduce(mergeExperiments);
  }

  /** The bases that an experiment names, in order. */
  #named({ entries }: MapNode): ScalarNode[] {
    const named = entries.get('extends')?.value;
    if (!named) return [];
    const { error } = extendsSchema.safeParse(toPlain(named));
    const [issue] = error?.issues ?? [];
    if (issue) {
      const message = `"extends" ${describeIssue(issue, toPlain(named))}`;
      this.#context.faults.add('OOD_CONFIG_TYPE', named.place, message, {
        fix: quotesFor(issue, named) ?? 'For example: extends: base.yaml',
      });
      this.#incomplete = true;
      return [];
    }
    return (named.kind === 'list' ? named.items : [named]) as ScalarNode[];
  }

  /** The base experiment in a file. Empty if it cannot be read, which is recorded. */
  async #base({ value, place, folder, incomplete }: ScalarNode, chain: readonly string[]): Promise<MapNode[]> {
    this.#incomplete ||= incomplete;
    if (incomplete) return [];
    const file = path.resolve(folder, String(value));
    try {
      return [
        await atPlace(place, async () => {
          this.#check(file, chain);
          return this.read(await readTextFile(file, { written: String(value), folder }), [...chain, file]);
        }),
      ];
    } catch (error) {
      this.#context.faults.note(error);
      this.#incomplete = true;
      return [];
    }
  }

  #check(file: string, chain: readonly string[]): void {
    if (chain.includes(file)) {
      const circle = [...chain.slice(chain.indexOf(file)), file].map((each) => displayPath(each, this.#context.cwd));
      throw new FaroutError('OOD_BAD_EXTENDS', `the experiment extends itself: ${circle.join(' → ')}`, {
        fix: 'Remove this line from one of them.',
      });
    }
    if (++this.#files > mostFiles) {
      throw new FaroutError('OOD_BAD_EXTENDS', `the experiment extends more than ${mostFiles} files`, {
        fix: 'Reduce the number of experiments that it or they extend.',
      });
    }
  }
}

function asExperiment(root: ConfigNode | undefined, source: SourceText): MapNode {
  const fix = 'Write keys with values; name, backbone, id, ood and detectors are required.';
  if (root?.kind === 'map') return root;
  if (!root) throw new FaroutError('OOD_CONFIG_EMPTY', 'the experiment is empty', { place: source.place(0, 1), fix });
  const found = root.kind === 'list' ? 'a list' : 'a single value';
  throw new FaroutError('OOD_CONFIG_TYPE', `an experiment is a map of keys, but this is ${found}`, {
    place: root.place,
    fix,
  });
}

/** An experiment merged over its base. Every value keeps its place and the folder of its file. */
export const mergeExperiments = (base: MapNode, over: MapNode): MapNode =>
  mergeEntries(base, over, (key) => merges.get(key) ?? mergeDeep);

/** How to combine a value of a base with the extending experiment's value for the same key. */
type Merge = (base: ConfigNode, over: ConfigNode) => ConfigNode;

/** Maps are merged by key; everything else is replaced. A key without a value removes the base's entry. */
const mergeMaps =
  (mergeOf: (key: string) => Merge): Merge =>
  (base, over) =>
    base.kind === 'map' && over.kind === 'map' ? mergeEntries(base, over, mergeOf) : over;

const mergeDeep: Merge = mergeMaps(() => mergeDeep);

/** Parts of the same name merge their parameters, if both have some; `name` alone means the defaults, and replaces. */
const mergeParts: Merge = (base, over) => {
  const [below, above] = [readPart(base), readPart(over)];
  return below?.params && above?.params && below.name === above.name ? mergeDeep(base, over) : over;
};

/** The keys that hold parts. All other keys hold plain values and maps. */
const merges: ReadonlyMap<string, Merge> = new Map([
  ['backbone', mergeParts],
  ['datasets', mergeMaps(() => mergeParts)],
  ['detectors', mergeMaps(() => mergeParts)],
]);

function mergeEntries(base: MapNode, over: MapNode, mergeOf: (key: string) => Merge): MapNode {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (!below) entries.set(key, entry);
    else if (isNothing(entry.value)) entries.delete(key);
    else entries.set(key, { ...entry, value: mergeOf(key)(below.value, entry.value) });
  }
  return { ...over, entries };
}

const isNothing = (node: ConfigNode) => node.kind === 'scalar' && node.value === null;

/** An experiment has a few hundred lines at most; anything much longer is some other kind of file. */
const longest = 2 ** 20;

/**
 * The text of a user's file, without a byte order mark. `written` is its path as the user wrote it, relative to `folder`.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_CONFIG_SYNTAX if it is longer than 1 MiB or not UTF-8.
 */
export async function readTextFile(
  file: string,
  { written = file, folder = path.dirname(file) } = {},
): Promise<string> {
  const bytes = await readBytes(file, written, folder);
  if (bytes.length > longest) throw noExperiment(file, 'is longer than 1 MiB');
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw noExperiment(file, decoded.fault, decoded.fix);
}

async function readBytes(file: string, written: string, folder: string): Promise<Uint8Array> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) throw notThere(`${file} is not a file but a folder`, await filesIn(file));
    if (!stats.isFile()) throw notThere(`${file} is not a file`);
    if (stats.size > longest) throw noExperiment(file, 'is longer than 1 MiB');
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const shown = shortened(file);
    const message = code === 'ENOENT' ? `there is no file ${shown}` : `${shown} cannot be read (${String(code)})`;
    throw notThere(message, await adviceOnPath(written, folder), cause);
  }
}

/** Advice for a folder given instead of a file: it may be a run, or contain experiments. */
async function filesIn(folder: string): Promise<string | undefined> {
  if (await isFile(path.join(folder, 'results.json')))
    return 'It is a run: "farout report" makes its report again. Name the YAML file of an experiment to run.';
  const names = await experimentsIn(folder);
  return names.length > 0 ? `Name one of its files: ${names.slice(0, 5).join(', ')}.` : undefined;
}

/** The names of a folder's YAML files that look like experiments. */
export async function experimentsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  const looks = await Promise.all(names.slice(0, 100).map((name) => looksLikeOne(path.join(folder, name))));
  return names.filter((_, at) => looks[at]);
}

async function looksLikeOne(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile() || stats.size > longest) return false;
  return /^(backbone|detectors|extends)\s*:/m.test(await readFile(file, 'utf8').catch(() => ''));
}

const isFile = (file: string) =>
  stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );

const nameIt = 'Name the YAML file of an experiment.';

const notThere = (message: string, fix = nameIt, cause?: unknown) =>
  new FaroutError('OOD_MISSING_FILE', message, { fix, cause });

const noExperiment = (file: string, what: string, fix = nameIt) =>
  new FaroutError('OOD_CONFIG_SYNTAX', `${file} ${what}`, { fix });

/** A path as shown in messages: relative to the user's working directory if it lies below it. */
export function displayPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}
