import type { SourcePlace } from '@farout/core';
import { LineCounter } from 'yaml';

interface NodeBase {
  readonly place: SourcePlace;
  /** Absolute folder that a relative path in this value is relative to. */
  readonly folder: string;
}

/** Text, a number, true, false or nothing. */
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it stands in the file where that is not quoted: `012` for the number 12. */
  readonly written?: string;
  /** A variable in it is not set, which is reported already: what the value is cannot be judged. */
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

/** A value of an experiment that knows where it is written. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** The value as plain data. Every key is an own property, whatever it is called. */
export function toPlain(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** The value below a node by keys and indexes, if there is one. */
export function nodeAt(node: ConfigNode, path: readonly PropertyKey[]): ConfigNode | undefined {
  let found: ConfigNode | undefined = node;
  for (const step of path) found = found && childOf(found, step);
  return found;
}

function childOf(node: ConfigNode, step: PropertyKey): ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value;
  return node.kind === 'list' ? node.items[Number(step)] : undefined;
}

/** Where the key stands at which a path ends; where the value above stands when the path ends in no map. */
export function keyPlaceAt(node: ConfigNode, path: readonly PropertyKey[]): SourcePlace {
  const above = nodeAt(node, path.slice(0, -1));
  const entry = above?.kind === 'map' ? above.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? above?.place ?? node.place;
}

/** Whether a value lacks a variable, which is reported already: what it is worth cannot be judged. */
export const isIncomplete = (node: ConfigNode): boolean => node.kind === 'scalar' && node.incomplete;

/** A part as it is written. */
export interface WrittenPart {
  readonly name: string;
  /** Where the name stands. */
  readonly place: SourcePlace;
  /** Its parameters, if any are written. */
  readonly params: MapNode | undefined;
}

/** Reads `name` or `{ name: { parameters } }`; undefined for anything else, which the check of the keys reports. */
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

/** A text with YAML in it: a whole file, or the value of a `--set`. */
export class SourceText {
  /** What places call it. */
  readonly file: string;
  /** Absolute folder that relative paths in it are relative to. */
  readonly folder: string;
  /** Filled by the parser of `yaml`, whose offsets it turns into lines. */
  readonly lineCounter = new LineCounter();
  readonly #text: string;
  /** Where the YAML begins, on the first line. */
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

  /** The place of a stretch of the YAML; its length ends with its first line. */
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
