import type { SourcePlace } from '@farout/core';

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
