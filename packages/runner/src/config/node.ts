import type { SourcePlace } from '@farout/core';
import { LineCounter } from 'yaml';

interface NodeBase {
  readonly place: SourcePlace;
  /** Absolute folder that a relative path in this value is relative to. */
  readonly folder: string;
}

/** A string, number, boolean or null. */
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The source text of an unquoted value: `012` for the number 12. */
  readonly written?: string;
  /** Contains an unset variable, which is already reported; the value itself cannot be judged. */
  readonly incomplete: boolean;
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** A value under its key. */
export interface MapEntry {
  readonly keyPlace: SourcePlace;
  readonly value: ConfigNode;
}

/** A value of an experiment, with its place in the source. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** The value as plain data. Every key becomes an own property, whatever its name. */
export function toPlain(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** The value below a node, by keys and indexes; undefined if there is none. */
export function nodeAt(node: ConfigNode, path: readonly PropertyKey[]): ConfigNode | undefined {
  let found: ConfigNode | undefined = node;
  for (const step of path) found = found && childOf(found, step);
  return found;
}

function childOf(node: ConfigNode, step: PropertyKey): ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value;
  return node.kind === 'list' ? node.items[Number(step)] : undefined;
}

/** The place of the key that a path ends in. If the parent is not a map, the place of the parent. */
export function keyPlaceAt(node: ConfigNode, path: readonly PropertyKey[]): SourcePlace {
  const above = nodeAt(node, path.slice(0, -1));
  const entry = above?.kind === 'map' ? above.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? above?.place ?? node.place;
}

/** Whether a value contains an unset variable, which is already reported; the value itself cannot be judged. */
export const isIncomplete = (node: ConfigNode): boolean => node.kind === 'scalar' && node.incomplete;

/** A part as written in an experiment. */
export interface WrittenPart {
  readonly name: string;
  /** The place of the name. */
  readonly place: SourcePlace;
  /** Its parameters, if any. */
  readonly params: MapNode | undefined;
}

/** Reads `name` or `{ name: { parameters } }`. Undefined for anything else, which the check of the keys reports. */
export function readPart(node: ConfigNode): WrittenPart | undefined {
  if (node.kind === 'scalar') {
    const { value, place, incomplete } = node;
    return typeof value === 'string' && !incomplete ? { name: value, place, params: undefined } : undefined;
  }
  if (node.kind === 'list' || node.entries.size !== 1) return undefined;
  const [[name, { keyPlace: place, value }]] = [...node.entries] as [
    [string, { keyPlace: SourcePlace; value: ConfigNode }],
  ];
  if (value.kind === 'map') return { name, place, params: value };
  return value.kind === 'scalar' && value.value === null ? { name, place, params: undefined } : undefined;
}

/** A text that contains YAML: a whole file, or the value of a `--set`. */
export class SourceText {
  /** Its name in places. */
  readonly file: string;
  /** Absolute folder that relative paths in the text are relative to. */
  readonly folder: string;
  /** Filled by the `yaml` parser; converts its offsets to lines. */
  readonly lineCounter = new LineCounter();
  readonly #text: string;
  /** Offset of the YAML in the first line. */
  readonly #start: number;

  constructor(file: string, folder: string, text: string, start = 0) {
    this.file = file;
    this.folder = folder;
    this.#text = text;
    this.#start = start;
  }

  get yaml(): string {
    return this.#text.slice(this.#start);
  }

  /** The place of a range of the YAML. Its length covers only the range's first line. */
  place(from: number, to: number): SourcePlace {
    const { line, col } = this.lineCounter.linePos(from);
    const [firstLine = ''] = this.yaml.slice(from, to).split(/\r?\n/, 1);
    return {
      file: this.file,
      line: Math.max(1, line),
      column: line <= 1 ? this.#start + from + 1 : col,
      length: Math.max(1, firstLine.trimEnd().length),
      text: this.#text,
    };
  }
}
