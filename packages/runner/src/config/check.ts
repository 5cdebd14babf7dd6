import { didYouMean, z, type ErrorCode } from '@farout/core';
import { stringify } from 'yaml';
import { describeIssue, mostPrecise, quotesFor } from './describe.ts';
import type { Faults } from './faults.ts';
import { isIncomplete, keyPlaceAt, nodeAt, toPlain, type ConfigNode, type MapNode } from './node.ts';
import { experimentSchema, type ExperimentKeys } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** Checks the keys of an experiment and the types of their values. Undefined if anything is wrong; every fault is recorded. */
export function checkKeys(root: MapNode, faults: Faults): ExperimentKeys | undefined {
  const { data, error } = experimentSchema.safeParse(toPlain(root));
  for (const issue of error?.issues ?? []) noteIssue(mostPrecise(issue), root, faults);
  return data;
}

function noteIssue(issue: Issue, root: MapNode, faults: Faults): void {
  const key = String(issue.path[0]);
  const node = nodeAt(root, issue.path);
  if (issue.code === 'unrecognized_keys') issue.keys.forEach((unknown) => noteUnknownKey(unknown, root, faults));
  else if (!node) noteMissingKey(issue.path, root, faults);
  else if (!isIncomplete(node)) {
    const code: ErrorCode = key === 'device' ? 'OOD_DEVICE_UNAVAILABLE' : 'OOD_CONFIG_TYPE';
    const place = node.kind === 'scalar' ? node.place : keyPlaceAt(root, issue.path);
    const message = `"${issue.path.map(String).join('.')}" ${describeIssue(issue, toPlain(node), node.kind === 'scalar' ? node.written : undefined)}`;
    faults.add(code, place, message, { fix: howToWriteParts(root, issue.path) ?? fixFor(issue, node, key) });
  }
}

function noteMissingKey([key, ...below]: readonly PropertyKey[], root: MapNode, faults: Faults): void {
  const fix = `Add it. ${exampleOf(String(key))}`;
  const place = below.length > 0 ? keyPlaceAt(root, [key!]) : root.place;
  const lacking =
    below.length > 0
      ? `"${String(key)}" has no "${below.map(String).join('.')}"`
      : `the experiment has no "${String(key)}"`;
  faults.add('OOD_CONFIG_TYPE', place, lacking, { fix });
}

function noteUnknownKey(key: string, root: MapNode, faults: Faults): void {
  const names = Object.keys(experimentSchema.shape);
  faults.add('OOD_UNKNOWN_KEY', keyPlaceAt(root, [key]), `unknown key "${key}" in an experiment`, {
    fix: didYouMean(key, names) ?? 'Remove it, or use the intended key.',
    choices: { title: 'Keys', names },
  });
}

function fixFor(issue: Issue, node: ConfigNode, key: string): string {
  if (key === 'published' && node.kind === 'scalar' && Number(node.value) > 1 && Number(node.value) <= 100)
    return `If ${node.value} is in percent, write ${asFraction(Number(node.value))}.`;
  return quotesFor(issue, node) ?? exampleOf(key);
}

/** Without the digits that binary fractions add: 55.72 → 0.5572. */
const asFraction = (percent: number) => Number((percent / 100).toPrecision(12));

/** `For example: ood: [ textures, sun ]` */
function exampleOf(key: string): string {
  const schema: z.core.$ZodType = experimentSchema.shape[key as keyof ExperimentKeys];
  const [example] = z.globalRegistry.get(schema)!.examples as [unknown];
  return `For example: ${key}: ${stringify(example, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`;
}

/**
 * How to write the part at a path, for the mistakes that can be recognised: a detector written as a map of its parts,
 * parameters next to the part's name instead of below it, detectors without names. Undefined for anything else.
 */
function howToWriteParts(root: MapNode, [key, name, index]: readonly PropertyKey[]): string | undefined {
  const all = key === undefined ? undefined : nodeAt(root, [key]);
  if (key === 'detectors' && all?.kind === 'list')
    return `Name each detector: ${inFlow({ detectors: namedParts(all) })}`;
  if (key === 'backbone') {
    return all?.kind === 'map' ? (indented('backbone', all) ?? oneOf(all, 'Keep one of them.')) : undefined;
  }
  if (key === 'metrics' && typeof name === 'number') {
    const metric = nodeAt(root, [key, name]);
    return metric?.kind === 'map' ? indented(undefined, metric) : undefined;
  }
  if ((key !== 'detectors' && key !== 'datasets') || name === undefined) return undefined;
  const part = nodeAt(root, [key, name]);
  if (part?.kind === 'list') {
    const entry = typeof index === 'number' ? part.items[index] : undefined;
    return entry?.kind === 'map' ? (indented(undefined, entry) ?? asList(String(name), part, entry)) : undefined;
  }
  if (part?.kind !== 'map') return undefined;
  const several = key === 'detectors' ? asList(String(name), part) : oneOf(part, 'Give each of them its own name.');
  return indented(String(name), part) ?? several;
}

/** `[msp, energy: { temperature: 2 }]`, each under its own name. */
function namedParts({ items }: Extract<ConfigNode, { kind: 'list' }>): Record<string, unknown> {
  const named = items.map((item, at) => {
    const plain = toPlain(item);
    const name = item.kind === 'map' ? [...item.entries.keys()][0] : item.kind === 'scalar' ? String(plain) : undefined;
    return [name ?? `detector ${at + 1}`, plain];
  });
  return Object.fromEntries(named) as Record<string, unknown>;
}

/** Recognises `resnet50:` with no value and its parameters indented at the same level as the name. */
function indented(key: string | undefined, { entries }: MapNode): string | undefined {
  const [first, ...others] = [...entries];
  if (!first || others.length === 0) return undefined;
  const [name, { value }] = first;
  const isParameter = ([, each]: (typeof others)[number]) => each.value.kind === 'list' || isValue(each.value);
  if (!isNothing(value) || !others.every(isParameter)) return undefined;
  const part = { [name]: Object.fromEntries(others.map(([parameter, each]) => [parameter, toPlain(each.value)])) };
  return `Indent the parameters further than the name: ${inFlow(key === undefined ? part : { [key]: part })}`;
}

const oneOf = ({ entries }: MapNode, fix: string) => (entries.size > 1 ? fix : undefined);

/** A detector, or an entry of its list, written as a map of several parts. */
function asList(name: string, detector: ConfigNode, several = detector): string | undefined {
  if (several.kind !== 'map' || several.entries.size < 2) return undefined;
  const entries = detector.kind === 'list' ? detector.items : [detector];
  const parts = entries.flatMap((each) => (each.kind === 'map' ? partsOf(each) : [toPlain(each)]));
  const list = `Write it as a list, with the hooks in order and the scorer last: ${inFlow({ [name]: parts })}`;
  return `${list}. Two scorers are two detectors.`;
}

/** `{ react: { percentile: 90 }, energy: {} }`, or `{ hooks: [react], scorer: energy }`. */
const partsOf = ({ entries }: MapNode): unknown[] =>
  [...entries].flatMap(([key, { value }]) => {
    if (/^(hooks?|scorers?)$/.test(key)) return value.kind === 'list' ? value.items.map(toPlain) : [toPlain(value)];
    return [isNothing(value) || (value.kind === 'map' && value.entries.size === 0) ? key : { [key]: toPlain(value) }];
  });

const isNothing = (node: ConfigNode) => node.kind === 'scalar' && node.value === null;
const isValue = (node: ConfigNode) => node.kind === 'scalar' && node.value !== null;

/** YAML on one line, without the outer braces. */
const inFlow = (value: Readonly<Record<string, unknown>>) =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replace(/^\{ (.*) \}$/s, '$1');
