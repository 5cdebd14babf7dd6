import assert from 'node:assert/strict';
import { parseParameters, type Configured } from '../parameters.ts';
import type { Check } from './check.ts';

/** A bare name in an experiment is the method with its usual parameters, so each needs a default. */
export const defaultsConstruct: Check<Configured> = {
  title: 'needs no parameters: each has a default or may be absent',
  run: ({ definition }) => {
    const { error } = parseParameters(definition, {});
    assert.ok(!error, `${definition.name} cannot be made from {}: ${String(error?.message)}`);
  },
};
