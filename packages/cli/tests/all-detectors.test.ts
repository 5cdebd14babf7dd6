import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { builtIns } from '../src/built-ins.ts';

const configs = new URL('../../../configs/', import.meta.url);
const builtIn = builtIns.flatMap(({ plugin: { scorers = [], hooks = [] } }) => [...scorers, ...hooks]);

/** The names of the parts of a detector, as an experiment writes it. */
function partsOf(written: unknown): readonly string[] {
  const parts: unknown[] = Array.isArray(written) ? written : [written];
  return parts.map((part) => (typeof part === 'string' ? part : Object.keys(part as object)[0]!));
}

it.each(['demo-all.yaml', 'photographs-all.yaml'])('%s has every scorer and every hook that farout brings', (file) => {
  const { detectors } = parse(readFileSync(new URL(file, configs), 'utf8')) as { detectors: Record<string, unknown> };
  const named = new Set(Object.values(detectors).flatMap(partsOf));
  expect(builtIn.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
});
