import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from '@farout/core';
import { experimentSchema } from '../../src/config/schema.ts';

const document = readFileSync(new URL('../../../../docs/experiment.md', import.meta.url), 'utf8');
const [, table = ''] = /^## Keys\n([\s\S]*?)^## /m.exec(document)!;
const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| .+ \|$/gm)].map(([, key, value, fallback]) => ({
  key: key!,
  value: value!,
  fallback: fallback!,
}));

const { properties, required } = z.toJSONSchema(experimentSchema, { io: 'input' }) as {
  properties: Record<string, { default?: unknown; enum?: string[] }>;
  required: string[];
};

/** How the table writes what a key is when it is left out. */
function written(key: string): string | undefined {
  if (required.includes(key)) return 'required';
  const fallback = properties[key]!.default;
  if (fallback === undefined) return undefined;
  if (typeof fallback === 'string') return `\`${fallback}\``;
  return `\`${JSON.stringify(fallback).replaceAll('"', '').replaceAll(',', ', ')}\``;
}

describe('docs/experiment.md, Keys', () => {
  it('has a row for every key of an experiment, in the order of the schema', () => {
    expect(rows.map(({ key }) => key)).toEqual(Object.keys(experimentSchema.shape));
  });

  it.each(rows)('says what $key is when it is left out, and what it may be', ({ key, value, fallback }) => {
    const expected = written(key);
    if (expected === undefined) expect(fallback).not.toMatch(/required|`/);
    else expect(fallback).toBe(expected);
    const choices = properties[key]!.enum ?? [];
    expect(choices.filter((choice) => !value.includes(`\`${choice}\``))).toEqual([]);
  });
});

const keys = Object.entries(experimentSchema.shape) as [string, z.ZodType][];

describe('the keys of an experiment', () => {
  it.each(keys)('have examples that are valid, which messages show: %s', (_key, schema) => {
    const { examples } = z.globalRegistry.get(schema) as { examples: unknown[] };
    expect(examples.map((example) => schema.safeParse(example).success)).toEqual([true]);
  });

  it('can be written as a JSON Schema for editors', () => {
    const { properties, required } = z.toJSONSchema(experimentSchema, { io: 'input' });
    expect(required).toEqual(['name', 'backbone', 'id', 'ood', 'detectors']);
    expect(Object.values(properties!).filter((each) => !(each as { description?: string }).description)).toEqual([]);
  });
});
