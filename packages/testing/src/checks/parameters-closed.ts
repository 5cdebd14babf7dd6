import assert from 'node:assert/strict';
import type { Configured } from '../parameters.ts';
import type { Check } from './check.ts';

const unknown = 'no such parameter';

/** A schema that lets unknown keys through would read what no experiment can set: the host refuses them. */
export const parametersClosed: Check<Configured> = {
  title: 'knows no parameters but those of its schema',
  run: ({ definition, params }) => {
    const { data } = definition.params.safeParse({ ...params, [unknown]: 1 });
    assert.ok(!data || !(unknown in data), `the schema of ${definition.name} lets unknown parameters through`);
  },
};
