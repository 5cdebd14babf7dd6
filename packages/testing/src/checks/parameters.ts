import assert from 'node:assert/strict';
import { assertRefused, parseParameters, type Configured } from '../parameters.ts';
import type { Check } from '../test-runner.ts';

/** A bare name in an experiment is the method with its usual parameters, so each needs a default. */
export const defaultsConstruct: Check<Configured> = {
  title: 'needs no parameters: each has a default or may be absent',
  run: ({ definition }) => {
    const { error } = parseParameters(definition, {});
    assert.ok(!error, `${definition.name} cannot be made from {}: ${String(error?.message)}`);
  },
};

/** An object that no parameter means; schemas that take anything, or convert what they get, let it pass. */
const nonsense = { nonsense: true };

/** What cannot be a parameter's value is refused, and the refusal names the parameter, so that an error can point at it. */
export const parametersRefused: Check<Configured> = {
  title: 'refuses every parameter of a wrong type by its name',
  run: ({ definition }) => {
    for (const name of Object.keys(definition.params.shape)) {
      assertRefused(definition, { params: { [name]: nonsense }, refused: name });
    }
  },
};

const unknown = 'no such parameter';

/** A schema that lets unknown keys through would read what no experiment can set: the host refuses them. */
export const parametersClosed: Check<Configured> = {
  title: 'knows no parameters but those of its schema',
  run: ({ definition, params }) => {
    const { data } = definition.params.safeParse({ ...params, [unknown]: 1 });
    assert.ok(!data || !(unknown in data), `the schema of ${definition.name} lets unknown parameters through`);
  },
};
