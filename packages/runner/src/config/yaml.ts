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
  type YAMLError,
  type YAMLSeq,
} from 'yaml';
import { refuseKey, type Faults } from './faults.ts';
import type { ConfigNode, MapEntry, MapNode, ScalarNode, SourceText } from './node.ts';

/**
 * Parses YAML 1.2 into nodes with their places and substitutes variables. Variables are substituted after parsing, so
 * that their values cannot be read as YAML. Undefined if the text contains only comments.
 *
 * @throws FaroutError OOD_CONFIG_SYNTAX at the first fault; later ones mostly follow from it.
 */
export function parseYaml(source: SourceText, env: Environment, faults: Faults): ConfigNode | undefined {
  const document = parseDocument(source.yaml, {
    lineCounter: source.lineCounter,
    prettyErrors: false,
    // Duplicate keys are found while nodes are built, where each has its own place.
    uniqueKeys: false,
  });
  const found = [...document.errors, ...document.warnings];
  const fault = found.find(({ code }) => code === 'MULTIPLE_DOCS') ?? found[0];
  if (fault) throw syntaxError(source, fault);
  return document.contents ? new NodeBuilder(source, document, env, faults).build(document.contents) : undefined;
}

function syntaxError(source: SourceText, { pos, message, code }: YAMLError): FaroutError {
  const place = source.place(...pos);
  const what = code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message.replace(/\.$/, '');
  const several = 'several YAML documents in one file: another one begins here';
  return new FaroutError('OOD_CONFIG_SYNTAX', code === 'MULTIPLE_DOCS' ? several : `not valid YAML: ${what}`, {
    place,
    fix: fixFor(code, place.text?.split('\n')[place.line - 1] ?? ''),
  });
}

function fixFor(code: YAMLError['code'], line: string): string {
  if (/[[{,:]\s*\$\{/.test(line) && /[[{]/.test(line.replaceAll('${', ''))) {
    return 'Inside { } and [ ], quote a value that has a variable: "${NAME}/folder".';
  }
  if (code === 'MULTIPLE_DOCS')
    return 'Put each experiment into its own file, without "---"; one can extend another with "extends".';
  if (code === 'BAD_DQ_ESCAPE') return 'In double quotes, \\ begins an escape: use single quotes, or / in a path.';
  if (code === 'RESOURCE_EXHAUSTION') return 'Reduce the nesting.';
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces instead of tabs.';
  return 'Check the indentation, the brackets and the quotes here and on the line above.';
}

/** Far more than any experiment needs; nested aliases soon reach it. */
const limits = { nodes: 100_000, depth: 100 };

/** Converts a parsed YAML document into nodes with their places. */
class NodeBuilder {
  readonly #source: SourceText;
  readonly #env: Environment;
  readonly #faults: Faults;
  readonly #targets: ReadonlyMap<Alias, Node | undefined>;
  #nodes = 0;

  constructor(source: SourceText, document: Document.Parsed, env: Environment, faults: Faults) {
    this.#source = source;
    this.#env = env;
    this.#faults = faults;
    this.#targets = aliasTargets(document);
  }

  /** @throws FaroutError OOD_CONFIG_SYNTAX if the document expands without end, or beyond the limits. */
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
      fix: `Write &${alias.source} before the intended value, or quote the text if it is not an alias.`,
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

  /** Undefined if the key is not valid, which is recorded. */
  #nameOf(key: Node, place: SourcePlace): string | undefined {
    const name = isScalar(key) ? keyText(key) : undefined;
    if (name === undefined) {
      this.#faults.add('OOD_CONFIG_TYPE', place, 'a key must be text', { fix: 'Write a name before the colon.' });
    }
    return name !== undefined && refuseKey(name, place, this.#faults) ? undefined : name;
  }

  #addDuplicate(name: string, place: SourcePlace, first: SourcePlace): void {
    this.#faults.add('OOD_DUPLICATE_NAME', place, `duplicate key "${name}", first used in line ${first.line}`, {
      fix: 'Rename or remove one of the two.',
    });
  }

  /** A key without a value. */
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
      const fix = 'Write ${NAME} or ${NAME:-default}; names have letters, digits and underscores.';
      this.#faults.add('OOD_CONFIG_SYNTAX', place, 'this is not a valid reference to a variable', { fix });
      return;
    }
    this.#faults.add('OOD_UNSET_VARIABLE', place, `the variable ${variable} is not set`, {
      fix: `Set it (export ${variable}=…), or give a default: \${${variable}:-…}.`,
    });
  }
}

/** The target of each alias: the last node before it that has its anchor. */
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

/** A key as written: `2012` and `1e3` are names, not numbers. */
function keyText({ value, source }: Scalar): string | undefined {
  const text = typeof value === 'string' ? value : source;
  return text === '' ? undefined : text;
}

/** The substituted text of an unquoted scalar may be a number, boolean or null, but never a list or a map. */
function plainValue(text: string): ScalarNode['value'] {
  const { contents, errors } = parseDocument(text);
  const isPlain = errors.length === 0 && isScalar(contents) && contents.type === 'PLAIN' && contents.source === text;
  return isPlain && !contents.tag ? (contents.value as ScalarNode['value']) : text;
}

const tooLarge = (place: SourcePlace) =>
  new FaroutError('OOD_CONFIG_SYNTAX', 'the YAML expands beyond the limits through its aliases or nesting', {
    place,
    fix: `Keep it below ${limits.nodes} values and ${limits.depth} levels.`,
  });

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Context for reading an experiment's files and overrides. */
export interface ReadingContext {
  /** The user's working directory (absolute): base of paths in overrides, and of paths in messages that lie below it. */
  readonly cwd: string;
  readonly env: Environment;
  readonly faults: Faults;
}

/** A reference that cannot be substituted. */
interface BadReference {
  /** As written. */
  readonly text: string;
  /** The variable that is not set; undefined if the reference is malformed. */
  readonly variable: string | undefined;
}

/** `${`, and the rest of the reference if it is well-formed. */
const references = /\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/**
 * Replaces `${NAME}` by the variable, and `${NAME:-default}` by the default if the variable is unset or empty.
 * References that cannot be replaced stay in the text and are listed.
 */
export function substituteVariables(text: string, env: Environment): { text: string; bad: BadReference[] } {
  const bad: BadReference[] = [];
  const replaced = text.replace(references, (reference: string, name?: string, fallback?: string) => {
    const value = name !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
    const found = value === undefined || value === '' ? (fallback ?? value) : value;
    if (found === undefined) bad.push({ text: reference, variable: name });
    return found ?? reference;
  });
  return { text: replaced, bad };
}
