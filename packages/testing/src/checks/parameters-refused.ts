import assert from 'node:assert/strict';
import { parseParameters } from '../subject.ts';
import type { Check } from './check.ts';

/** An object that no parameter means; schemas that take anything, or convert what they get, let it pass. */
const nonsense = { nonsense: true };

/** What cannot be a parameter's value is refused, and the refusal names the parameter, so that an error can point at it. */
export const parametersRefused: Check = {
  title: 'refuses every parameter of a wrong type by its name',
  run: ({ definition }) => {
    for (const name of Object.keys(definition.params.shape)) {
      const { error } = parseParameters(definition, { [name]: nonsense });
      assert.ok(error, `parameter "${name}" takes the value ${JSON.stringify(nonsense)}`);
      const named = error.issues.some(({ path }) => path[0] === name);
      assert.ok(named, `a wrong "${name}" is refused without its name: ${error.message}`);
    }
  },
};
