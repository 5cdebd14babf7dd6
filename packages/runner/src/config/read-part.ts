import type { SourcePlace } from '@farout/core';
import type { ConfigNode, MapNode } from './node.ts';

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
