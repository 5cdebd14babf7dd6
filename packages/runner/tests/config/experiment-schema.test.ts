import { describe, expect, it } from '@jest/globals';
import { z } from '@farout/core';
import { experimentSchema } from '../../src/config/schema.ts';

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
