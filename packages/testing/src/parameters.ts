import assert from 'node:assert/strict';
import { schemaOf, type ErrorCode, type FaroutError, type HookDefinition } from '@farout/core';
import type { Check } from './test-runner.ts';

/** What has parameters: all parts but metrics. */
type Parameterised = Pick<HookDefinition, 'name' | 'params'>;

/** Parameters after the schema: checked, with defaults. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A part with the parameters that it is tested with. */
export interface Configured {
  readonly definition: Parameterised;
  readonly params: Parameters;
}

/** Parameters as an experiment gives them: an unknown one is refused, defaults are filled in. */
const parseParameters = (definition: Parameterised, given: Parameters) =>
  schemaOf(definition).strict().safeParse(given);

/** These parameters after the schema, with defaults; asserts that they are not refused. */
export function acceptedParameters(definition: Parameterised, given: Parameters = {}): Parameters {
  const { data, error } = parseParameters(definition, given);
  assert.ok(data, `${JSON.stringify(given)} is refused: ${String(error?.message)}`);
  return data;
}

/** The parameters for the general checks: the defaults, or else those of the first case that the schema takes. */
export function usualParameters(definition: Parameterised, cases: readonly { params?: Parameters }[]): Parameters {
  const given = [{}, ...cases.map(({ params }) => params ?? {})];
  return given.map((params) => parseParameters(definition, params)).find(({ success }) => success)?.data ?? {};
}

/** Parameters that must be refused, and the parameter that the refusal must name. */
export interface RefusalCase {
  readonly title: string;
  readonly params: Parameters;
  readonly refused: string;
}

/** Asserts that a definition's schema refuses these parameters, and names the one that is wrong. */
export function assertRefused(definition: Parameterised, { params, refused }: Omit<RefusalCase, 'title'>): void {
  const { error } = parseParameters(definition, params);
  assert.ok(error, `${JSON.stringify(params)} is accepted`);
  const named = error.issues.some(({ path }) => path[0] === refused);
  assert.ok(named, `${JSON.stringify(params)} is refused without the name "${refused}": ${error.message}`);
}

/** Parameters that the schema takes, and the code of the FaroutError with which opening must fail. */
export interface FailureCase {
  readonly title: string;
  readonly params?: Parameters;
  readonly fails: ErrorCode;
}

/** Asserts that opening fails, at once or later, with a FaroutError of this code. */
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

/** A bare name in an experiment is the method with its usual parameters, so each needs a default. */
export const defaultsConstruct: Check<Configured> = {
  title: 'needs no parameters: each has a default or may be absent',
  applies: hasParameters,
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
  applies: hasParameters,
  run: ({ definition }) => {
    for (const name of parameterNames(definition)) {
      assertRefused(definition, { params: { [name]: nonsense }, refused: name });
    }
  },
};

const unknown = 'no such parameter';

/** A schema that lets unknown keys through would read what no experiment can set: the host refuses them. */
export const parametersClosed: Check<Configured> = {
  title: 'knows no parameters but those of its schema',
  applies: ({ definition }) => (definition.params ? true : noParameters),
  run: ({ definition, params }) => {
    const { data } = schemaOf(definition).safeParse({ ...params, [unknown]: 1 });
    assert.ok(!data || !(unknown in data), `the schema of ${definition.name} lets unknown parameters through`);
  },
};
