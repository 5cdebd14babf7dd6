import type { HookDefinition, ScorerDefinition } from '@farout/core';
import { valueText, type Detector, type Part, type SweptValue } from '../experiment.ts';
import type { Faults } from './faults.ts';
import { readPart, toPlain, type ConfigNode, type ListNode, type MapEntry, type MapNode } from './node.ts';

/** The key under which a parameter of a hook or scorer lists several values. */
export const sweepKey = 'sweep';

/** A detector with more points than this is considered a mistake. */
const mostPoints = 1000;

/** A parameter for which a detector lists several values. */
interface Dimension {
  /** Index of the part in the detector, from 0. */
  readonly part: number;
  readonly parameter: string;
  /** Its name in results: `react.percentile`, preceded by the part's index if two parts have that name. */
  readonly label: string;
  readonly values: readonly ConfigNode[];
}

/** One point of a sweep: the detector's parts with one value for each swept parameter. */
export interface WrittenPoint {
  readonly parts: readonly ConfigNode[];
  /** The name of its row in results. */
  readonly name: string;
  /** The point's values, given its resolved parts. */
  readonly values: (parts: readonly AnyPart[]) => readonly SweptValue[];
}

type AnyPart = Part<HookDefinition | ScorerDefinition>;

/**
 * The points of a detector's sweeps; the last parameter varies fastest. A detector without sweeps is a single point
 * without values. Faults in a list are recorded, and there are then no points.
 */
export function pointsOf(name: string, parts: readonly ConfigNode[], faults: Faults): readonly WrittenPoint[] {
  const dimensions = parts.flatMap((part, index) => dimensionsOf(part, index, parts, faults));
  if (dimensions.some(({ values }) => values.length === 0)) return [];
  const count = dimensions.reduce((product, { values }) => product * values.length, 1);
  if (count > mostPoints) {
    const message = `the sweeps of "${name}" have ${count} points in total, more than ${mostPoints}`;
    faults.add('OOD_BAD_PARAMETER', parts[0]!.place, message, { fix: 'List fewer values.' });
    return [];
  }
  return products(dimensions.map(({ values }) => values)).map((taken) => pointOf(name, parts, dimensions, taken));
}

function dimensionsOf(node: ConfigNode, part: number, parts: readonly ConfigNode[], faults: Faults): Dimension[] {
  const written = readPart(node);
  const isAlone = parts.filter((other) => readPart(other)?.name === written?.name).length === 1;
  return [...(written?.params?.entries ?? [])].flatMap(([parameter, { value }]) => {
    const entry = sweepIn(value);
    if (!entry) return [];
    const label = `${isAlone ? '' : `${part}.`}${written!.name}.${parameter}`;
    return [{ part, parameter, label, values: valuesIn(entry, label, faults) }];
  });
}

/** The entry of `{ sweep: … }`; undefined for anything else. */
const sweepIn = (node: ConfigNode): MapEntry | undefined =>
  node.kind === 'map' && node.entries.size === 1 ? node.entries.get(sweepKey) : undefined;

/** The values of a sweep. Empty if there is a fault, such as a repeated value, which is recorded. */
function valuesIn({ value, keyPlace }: MapEntry, label: string, faults: Faults): readonly ConfigNode[] {
  if (value.kind !== 'list' || value.items.length === 0) {
    faults.add('OOD_BAD_PARAMETER', keyPlace, `"${sweepKey}" of ${label} must be a list of values`, {
      fix: 'For example: { sweep: [80, 90] }.',
    });
    return [];
  }
  return hasDoubles(value, label, faults) ? [] : value.items;
}

function hasDoubles({ items }: ListNode, label: string, faults: Faults): boolean {
  const texts = items.map((item) => JSON.stringify(toPlain(item)));
  const doubles = items.filter((_, at) => texts.indexOf(texts[at]!) < at);
  for (const item of doubles) {
    faults.add('OOD_BAD_PARAMETER', item.place, `the sweep of ${label} lists ${valueText(toPlain(item))} twice`, {
      fix: 'Remove one.',
    });
  }
  return doubles.length > 0;
}

/** The Cartesian product of lists; the last list varies fastest. */
const products = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((chosen) => list.map((item) => [...chosen, item])), [[]]);

function pointOf(
  name: string,
  parts: readonly ConfigNode[],
  dimensions: readonly Dimension[],
  taken: readonly ConfigNode[],
): WrittenPoint {
  const replaced = dimensions.reduce<readonly ConfigNode[]>(
    (all, { part, parameter }, at) => all.with(part, withValue(all[part] as MapNode, parameter, taken[at]!)),
    parts,
  );
  const isShared = ({ parameter }: Dimension) => dimensions.filter((other) => other.parameter === parameter).length > 1;
  const called = dimensions.map(
    (each, at) =>
      `${isShared(each) ? each.label.replaceAll('.', ' ') : each.parameter} ${valueText(toPlain(taken[at]!))}`,
  );
  return {
    parts: replaced,
    name: called.length === 0 ? name : `${name} (${called.join(', ')})`,
    values: (found) =>
      dimensions.map(({ part, parameter, label }, at) => {
        const { params } = found[part]!;
        return { part, parameter, label, value: parameter in params ? params[parameter] : toPlain(taken[at]!) };
      }),
  };
}

/** A part, `{ name: { parameters } }`, with one parameter changed. */
function withValue(part: MapNode, parameter: string, value: ConfigNode): MapNode {
  const [[name, entry]] = [...part.entries] as [[string, MapEntry]];
  const params = entry.value as MapNode;
  const { keyPlace } = params.entries.get(parameter)!;
  const changed = { ...params, entries: new Map(params.entries).set(parameter, { keyPlace, value }) };
  return { ...part, entries: new Map([[name, { ...entry, value: changed }]]) };
}

/** A detector as plain data: a list of its parts with all their parameters. Swept parameters become lists of values again. */
export function plainSweep<T>(points: readonly Detector[], plainPart: (part: AnyPart) => Record<string, T>) {
  const [{ hooks, scorer, point }] = points as [Detector, ...Detector[]];
  return [...hooks, scorer].map((part, index) => {
    const own = (point?.values ?? []).filter((each) => each.part === index);
    if (own.length === 0) return plainPart(part);
    const swept = own.map(({ parameter, label }) => {
      const values = points.map((each) => each.point!.values.find((value) => value.label === label)!.value);
      const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
      return [parameter, { [sweepKey]: [...distinct.values()] }] as const;
    });
    const [[name, params]] = Object.entries(plainPart(part)) as [[string, T]];
    return { [name]: { ...params, ...Object.fromEntries(swept) } };
  });
}
