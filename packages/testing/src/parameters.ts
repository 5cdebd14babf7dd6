import assert from 'node:assert/strict';
import { schemaOf, type ErrorCode, type FaroutError, type HookDefinition } from '@farout/core';
import type { Check } from './test-runner.ts';

/** Anything with parameters: all parts except metrics. */
type Parameterised = Pick<HookDefinition, 'name' | 'params'>;

/** Parameters after validation, with defaults. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A part with the parameters for its tests. */
export interface Configured {
  readonly definition: Parameterised;
  readonly params: Parameters;
}

/** Validates parameters as in an experiment: rejects unknown ones and fills in defaults. */
const parseParameters = (definition: Parameterised, given: Parameters) =>
  schemaOf(definition).strict().safeParse(given);

/** The parameters after validation, with defaults; asserts that they are accepted. */
export function acceptedParameters(definition: Parameterised, given: Parameters = {}): Parameters {
  const { data, error } = parseParameters(definition, given);
  assert.ok(data, `${JSON.stringify(given)} is refused: ${String(error?.message)}`);
  return data;
}

/** The parameters for the general checks: the defaults, or else those of the first case that the schema accepts. */
export function usualParameters(definition: Parameterised, cases: readonly { params?: Parameters }[]): Parameters {
  const given = [{}, ...cases.map(({ params }) => params ?? {})];
  return given.map((params) => parseParameters(definition, params)).find(({ success }) => success)?.data ?? {};
}

/** Parameters that must be rejected, and the parameter that the error must name. */
export interface RefusalCase {
  readonly title: string;
  readonly params: Parameters;
  readonly refused: string;
}

/** Asserts that a definition's schema rejects these parameters, and names the wrong one. */
export function assertRefused(definition: Parameterised, { params, refused }: Omit<RefusalCase, 'title'>): void {
  const { error } = parseParameters(definition, params);
  assert.ok(error, `${JSON.stringify(params)} is accepted`);
  const named = error.issues.some(({ path }) => path[0] === refused);
  assert.ok(named, `${JSON.stringify(params)} is refused without the name "${refused}": ${error.message}`);
}

/** Parameters that the schema accepts, and the code of the FaroutError that opening must throw. */
export interface FailureCase {
  readonly title: string;
  readonly params?: Parameters;
  readonly fails: ErrorCode;
}

/** Asserts that opening fails, synchronously or not, with a FaroutError of this code. */
export async function assertFails(open: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await Promise.resolve()
    .then(open)
    .then(
      () => undefined,
      (reason: unknown) => reason as FaroutError,
    );
  assert.ok(error, `it opens; expected is ${code}`);
  assert.equal(error.code, code, `it fails otherwise: ${error.message}`);
}

const parameterNames = (definition: Parameterised) => Object.keys(schemaOf(definition).shape);

const noParameters = 'it has no parameters';
const hasParameters = ({ definition }: Configured) => parameterNames(definition).length > 0 || noParameters;

/** A bare name in an experiment means the method with its default parameters, so each needs a default. */
export const defaultsConstruct: Check<Configured> = {
  title: 'needs no parameters: each has a default or may be absent',
  applies: hasParameters,
  run: ({ definition }) => {
    const { error } = parseParameters(definition, {});
    assert.ok(!error, `${definition.name} cannot be made from {}: ${String(error?.message)}`);
  },
};

/** An object that is no valid value; schemas that accept anything, or convert their input, let it pass. */
const nonsense = { nonsense: true };

/** Invalid values must be rejected by name, so that an error can point to the parameter. */
export const parametersRefused: Check<Configured> = {
  title: 'rejects every parameter of a wrong type, naming it',
  applies: hasParameters,
  run: ({ definition }) => {
    for (const name of parameterNames(definition)) {
      assertRefused(definition, { params: { [name]: nonsense }, refused: name });
    }
  },
};

const unknown = 'no such parameter';

/** The host rejects unknown keys, so a schema that accepts them would read what no experiment can set. */
export const parametersClosed: Check<Configured> = {
  title: 'rejects parameters that are not in its schema',
  applies: ({ definition }) => (definition.params ? true : noParameters),
  run: ({ definition, params }) => {
    const { data } = schemaOf(definition).safeParse({ ...params, [unknown]: 1 });
    assert.ok(!data || !(unknown in data), `the schema of ${definition.name} lets unknown parameters through`);
  },
};
