import { FaroutError, type SourcePlace } from '@farout/core';
import {
  isAlias,
  isMap,
  isScalar,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLSeq,
} from 'yaml';
import type { ConfigNode, MapEntry, MapNode, ScalarNode } from './node.ts';
import { refuseKey } from './refuse-key.ts';
import type { Mistakes } from './faults.ts';
import type { SourceText } from './source-text.ts';
import { substituteVariables, type Environment } from './substitute-variables.ts';

/** Far beyond any experiment, and soon reached by aliases of aliases of aliases. */
const limits = { nodes: 100_000, depth: 100 };

/** Turns a parsed YAML document into nodes that know their places. */
export class NodeBuilder {
  readonly #source: SourceText;
  readonly #env: Environment;
  readonly #mistakes: Mistakes;
  readonly #targets: ReadonlyMap<Alias, Node | undefined>;
  #nodes = 0;

  constructor(source: SourceText, document: Document.Parsed, env: Environment, mistakes: Mistakes) {
    this.#source = source;
    this.#env = env;
    this.#mistakes = mistakes;
    this.#targets = aliasTargets(document);
  }

  /** @throws FaroutError OOD_CONFIG_SYNTAX when the document has no end or hardly one. */
  build(node: Node, depth = 0): ConfigNode {
    const { folder } = this.#source;
    const place = this.#place(node);
    if (++this.#nodes > limits.nodes || depth > limits.depth) throw tooLarge(place);
    if (isAlias(node)) return this.#followAlias(node, depth);
    if (isMap(node)) return this.#buildMap(node.items as Pair<Node, Node | null>[], place, depth);
    if (isScalar(node)) return this.#buildScalar(node, place);
    const items = (node as YAMLSeq<Node>).items.map((item) => this.build(item, depth + 1));
    return { kind: 'list', items, place, folder };
  }

  #place(node: Node): SourcePlace {
    const [from, to] = node.range!;
    return this.#source.place(from, to);
  }

  #followAlias(alias: Alias, depth: number): ConfigNode {
    const target = this.#targets.get(alias);
    if (target) return this.build(target, depth + 1);
    throw new FaroutError('OOD_CONFIG_SYNTAX', `there is no anchor &${alias.source} before this alias`, {
      place: this.#place(alias),
      fix: `Write &${alias.source} before the value that is meant, or quote the text if no alias is meant.`,
    });
  }

  #buildMap(pairs: readonly Pair<Node, Node | null>[], place: SourcePlace, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of pairs) {
      const keyPlace = this.#place(key);
      const name = this.#nameOf(key, keyPlace);
      const first = name === undefined ? undefined : entries.get(name);
      if (first) this.#addDuplicate(name!, keyPlace, first.keyPlace);
      else if (name !== undefined) {
        const child = value ? this.build(value, depth + 1) : this.#nothing(keyPlace);
        entries.set(name, { keyPlace, value: child });
      }
    }
    return { kind: 'map', entries, place, folder: this.#source.folder };
  }

  /** Undefined when the key is none, which is noted. */
  #nameOf(key: Node, place: SourcePlace): string | undefined {
    const name = isScalar(key) ? keyText(key) : undefined;
    if (name === undefined) {
      this.#mistakes.add('OOD_CONFIG_TYPE', place, 'a key must be text', { fix: 'Write a name before the colon.' });
    }
    return name !== undefined && refuseKey(name, place, this.#mistakes) ? undefined : name;
  }

  #addDuplicate(name: string, place: SourcePlace, first: SourcePlace): void {
    this.#mistakes.add('OOD_DUPLICATE_NAME', place, `"${name}" is there already, in line ${first.line}`, {
      fix: 'Rename one of the two, or leave one out.',
    });
  }

  /** A key with nothing after it. */
  #nothing(place: SourcePlace): ScalarNode {
    return { kind: 'scalar', value: null, incomplete: false, place, folder: this.#source.folder };
  }

  #buildScalar(node: Scalar, place: SourcePlace): ScalarNode {
    const value = node.value as ScalarNode['value'];
    const written = node.type === 'PLAIN' && node.source ? { written: node.source } : {};
    const built = { kind: 'scalar', value, ...written, incomplete: false, place, folder: this.#source.folder } as const;
    if (typeof value !== 'string' || !value.includes('${')) return built;
    const { text, bad } = substituteVariables(value, this.#env);
    for (const reference of bad) this.#addBadReference(node, reference);
    const replaced = node.type === 'PLAIN' ? { value: plainValue(text), written: text } : { value: text };
    return { ...built, ...replaced, incomplete: bad.length > 0 };
  }

  #addBadReference({ range }: Scalar, { text, variable }: { text: string; variable: string | undefined }): void {
    const [start, end] = range!;
    const from = Math.max(start, this.#source.yaml.indexOf(text, start));
    const place = this.#source.place(from, Math.min(from + text.length, end));
    if (variable === undefined) {
      const fix = 'Write ${NAME} or ${NAME:-default}; a name has letters, digits and underscores.';
      this.#mistakes.add('OOD_CONFIG_SYNTAX', place, 'this is no reference to a variable', { fix });
      return;
    }
    this.#mistakes.add('OOD_UNSET_VARIABLE', place, `the variable ${variable} is not set`, {
      fix: `Set it (export ${variable}=…), or write a default: \${${variable}:-…}.`,
    });
  }
}

/** What each alias stands for: the last node before it that carries its anchor. */
function aliasTargets(document: Document.Parsed): Map<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** A key as it is written: `2012` and `1e3` are names, not numbers. */
function keyText({ value, source }: Scalar): string | undefined {
  const text = typeof value === 'string' ? value : source;
  return text === '' ? undefined : text;
}

/** An unquoted scalar means a number, true, false or null also when a variable brought it. It never becomes more. */
function plainValue(text: string): ScalarNode['value'] {
  const { contents, errors } = parseDocument(text);
  const isPlain = errors.length === 0 && isScalar(contents) && contents.type === 'PLAIN' && contents.source === text;
  return isPlain && !contents.tag ? (contents.value as ScalarNode['value']) : text;
}

const tooLarge = (place: SourcePlace) =>
  new FaroutError('OOD_CONFIG_SYNTAX', 'the YAML grows beyond all bounds through its aliases or its nesting', {
    place,
    fix: `Keep it below ${limits.nodes} values and ${limits.depth} levels.`,
  });
