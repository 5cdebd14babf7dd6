import path from 'node:path';
import { FaroutError, type SourcePlace } from '@farout/core';
import { atPlace } from '../plugins/failure.ts';
import { toPlain, type ConfigNode, type MapNode, type ScalarNode } from './node.ts';
import { describeIssue, quotesFor } from './describe.ts';
import { displayPath } from './display-path.ts';
import { extendsSchema } from './schema.ts';
import { mergeExperiments } from './merge-experiments.ts';
import type { Mistakes } from './faults.ts';
import { parseYaml } from './parse-yaml.ts';
import { readTextFile } from './read-text-file.ts';
import { SourceText } from './source-text.ts';
import type { Environment } from './substitute-variables.ts';

/** What experiments are read with. */
export interface ReaderContext {
  /** Absolute folder of the user, for the paths in messages. */
  readonly cwd: string;
  readonly env: Environment;
  readonly mistakes: Mistakes;
}

/** Far beyond any family of experiments, and soon reached by files that extend two others each. */
const mostFiles = 100;

/** Reads an experiment together with those that it extends. */
export class ExperimentReader {
  readonly #context: ReaderContext;
  readonly #folders = new Map<string, string>();
  #files = 0;
  #incomplete = false;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  /** Whether a base is missing from what was read. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /** The folder of the file that a place lies in; undefined when it lies in none that was read. */
  folderOf({ file }: SourcePlace): string | undefined {
    return this.#folders.get(file);
  }

  /**
   * The experiment in a text over its bases, the last one nearest. `chain` holds the files that led here, this one last.
   *
   * @throws FaroutError OOD_CONFIG_SYNTAX, OOD_CONFIG_EMPTY or OOD_CONFIG_TYPE when the text is no experiment.
   *   What is wrong with a base is noted; then the experiment is without it.
   */
  async read(text: string, chain: readonly string[]): Promise<MapNode> {
    const { cwd, env, mistakes } = this.#context;
    const file = chain.at(-1)!;
    const source = new SourceText(displayPath(file, cwd), path.dirname(file), text);
    this.#folders.set(source.file, source.folder);
    const root = asExperiment(parseYaml(source, env, mistakes), source);
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
      this.#context.mistakes.add('OOD_CONFIG_TYPE', named.place, message, {
        fix: quotesFor(issue, named) ?? 'For example: extends: base.yaml',
      });
      this.#incomplete = true;
      return [];
    }
    return (named.kind === 'list' ? named.items : [named]) as ScalarNode[];
  }

  /** The experiment of a file that another one names; none when it cannot be read, which is noted. */
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
      this.#context.mistakes.note(error);
      this.#incomplete = true;
      return [];
    }
  }

  #check(file: string, chain: readonly string[]): void {
    if (chain.includes(file)) {
      const circle = [...chain.slice(chain.indexOf(file)), file].map((each) => displayPath(each, this.#context.cwd));
      throw new FaroutError('OOD_BAD_EXTENDS', `the experiment extends itself: ${circle.join(' → ')}`, {
        fix: 'Take this line out of one of them.',
      });
    }
    if (++this.#files > mostFiles) {
      throw new FaroutError('OOD_BAD_EXTENDS', `the experiment extends more than ${mostFiles} files`, {
        fix: 'Extend fewer, or let them extend fewer.',
      });
    }
  }
}

function asExperiment(root: ConfigNode | undefined, source: SourceText): MapNode {
  const fix = 'Write keys with values; needed are name, backbone, id, ood and detectors.';
  if (root?.kind === 'map') return root;
  if (!root) throw new FaroutError('OOD_CONFIG_EMPTY', 'the experiment is empty', { place: source.place(0, 1), fix });
  const found = root.kind === 'list' ? 'a list' : 'a single value';
  throw new FaroutError('OOD_CONFIG_TYPE', `an experiment is a map of keys, but this is ${found}`, {
    place: root.place,
    fix,
  });
}
