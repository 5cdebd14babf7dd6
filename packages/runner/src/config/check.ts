import { didYouMean, z, type ErrorCode } from '@farout/core';
import { stringify } from 'yaml';
import { keyPlaceAt, nodeAt, toPlain, type ConfigNode, type MapNode } from './node.ts';
import { describeIssue, mostPrecise, quotesFor } from './describe.ts';
import { howToWriteParts } from './how-to-write-parts.ts';
import { experimentSchema, type ExperimentKeys } from './schema.ts';
import { isIncomplete } from './is-incomplete.ts';
import type { Mistakes } from './faults.ts';

type Issue = z.core.$ZodIssue;

/** Checks the keys of an experiment and the shape of their values; undefined when something is wrong, which is noted. */
export function checkKeys(root: MapNode, mistakes: Mistakes): ExperimentKeys | undefined {
  const { data, error } = experimentSchema.safeParse(toPlain(root));
  for (const issue of error?.issues ?? []) noteIssue(mostPrecise(issue), root, mistakes);
  return data;
}

function noteIssue(issue: Issue, root: MapNode, mistakes: Mistakes): void {
  const key = String(issue.path[0]);
  const node = nodeAt(root, issue.path);
  if (issue.code === 'unrecognized_keys') issue.keys.forEach((unknown) => noteUnknownKey(unknown, root, mistakes));
  else if (!node) noteMissingKey(key, root, mistakes);
  else if (!isIncomplete(node)) {
    const code: ErrorCode = key === 'device' ? 'OOD_DEVICE_UNAVAILABLE' : 'OOD_CONFIG_TYPE';
    const place = node.kind === 'scalar' ? node.place : keyPlaceAt(root, issue.path);
    const message = `"${issue.path.map(String).join('.')}" ${describeIssue(issue, toPlain(node), node.kind === 'scalar' ? node.written : undefined)}`;
    mistakes.add(code, place, message, { fix: howToWriteParts(root, issue.path) ?? fixFor(issue, node, key) });
  }
}

function noteMissingKey(key: string, root: MapNode, mistakes: Mistakes): void {
  const fix = `Add it. ${exampleOf(key)}`;
  mistakes.add('OOD_CONFIG_TYPE', root.place, `the experiment has no "${key}"`, { fix });
}

function noteUnknownKey(key: string, root: MapNode, mistakes: Mistakes): void {
  const names = Object.keys(experimentSchema.shape);
  mistakes.add('OOD_UNKNOWN_KEY', keyPlaceAt(root, [key]), `an experiment has no key "${key}"`, {
    fix: didYouMean(key, names) ?? 'Leave it out, or take the key that is meant.',
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
