import { didYouMean, schemaOf, type Preset } from '@farout/core';
import type { Definitions, NamedKind } from '../plugins/catalogue.ts';
import { readPart, type ConfigNode, type MapEntry, type MapNode, type ScalarNode } from './node.ts';
import type { PartContext } from './parts.ts';

/** The key that selects a preset of a hook or scorer. Not available if the part has its own parameter of that name. */
export const presetKey = 'preset';

/** The names of a part's presets; none if the part has its own parameter `preset`. */
export const presetNames = (kind: NamedKind, definition: Definitions[NamedKind]): readonly string[] =>
  Object.keys(presetsOf(kind, definition));

function presetsOf(kind: NamedKind, definition: Definitions[NamedKind]): Readonly<Record<string, Preset>> {
  const { presets = {}, ...part } = definition as Definitions['hook'];
  const isDetectorPart = kind === 'hook' || kind === 'scorer';
  return isDetectorPart && !Object.hasOwn(schemaOf(part).shape, presetKey) ? presets : {};
}

/** A part with the values of the preset it names; its own parameters take precedence. An unknown preset is recorded. */
export function withPreset(kind: 'hook' | 'scorer', node: ConfigNode, { catalogue, faults }: PartContext): ConfigNode {
  const written = readPart(node);
  const definition = written && catalogue.find(kind, written.name)?.definition;
  const entry = written?.params?.entries.get(presetKey);
  const presets = definition && presetsOf(kind, definition);
  if (!entry || !presets || Object.keys(presets).length === 0) return node;
  const { value } = entry;
  const name = value.kind === 'scalar' && !value.incomplete ? String(value.value) : '';
  if (Object.hasOwn(presets, name)) return withParameters(node as MapNode, presets[name]!, value);
  const names = Object.keys(presets);
  faults.add('OOD_BAD_PARAMETER', value.place, `${written.name} has no preset "${name}"`, {
    fix: didYouMean(name, names) ?? 'Use one of its presets.',
    choices: { title: `Presets of ${written.name}`, names },
  });
  return withParameters(node as MapNode, {}, value);
}

/** Every value of the preset gets the place of the preset's name. */
function withParameters(part: MapNode, preset: Preset, at: ConfigNode): MapNode {
  const [[name, entry]] = [...part.entries] as [[string, MapEntry]];
  const params = entry.value as MapNode;
  const own = [...params.entries].filter(([key]) => key !== presetKey);
  const given = Object.entries(preset).map(([key, value]): [string, MapEntry] => [key, entryAt(value, at)]);
  return {
    ...part,
    entries: new Map([[name, { ...entry, value: { ...params, entries: new Map([...given, ...own]) } }]]),
  };
}

const entryAt = (value: unknown, at: ConfigNode): MapEntry => ({ keyPlace: at.place, value: nodeOf(value, at) });

/** Plain data as a node at a given place. */
function nodeOf(value: unknown, at: ConfigNode): ConfigNode {
  const { place, folder } = at;
  if (Array.isArray(value)) return { kind: 'list', place, folder, items: value.map((item) => nodeOf(item, at)) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]): [string, MapEntry] => [key, entryAt(each, at)]);
    return { kind: 'map', place, folder, entries: new Map(entries) };
  }
  return { kind: 'scalar', place, folder, value: value as ScalarNode['value'], incomplete: false };
}
