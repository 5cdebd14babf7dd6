import type { Configured } from '../parameters.ts';
import { assertRefused } from '../refusal-case.ts';
import type { Check } from './check.ts';

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
