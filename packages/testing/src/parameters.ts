import assert from 'node:assert/strict';
import type { ErrorCode, FaroutError, HookDefinition } from '@farout/core';

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
export const parseParameters = ({ params }: Parameterised, given: Parameters) => params.strict().safeParse(given);

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
