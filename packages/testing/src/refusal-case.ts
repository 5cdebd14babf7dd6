import assert from 'node:assert/strict';
import { parseParameters, type Parameterised, type Parameters } from './parameters.ts';

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

/** These parameters after the schema, with defaults; asserts that they are not refused. */
export function acceptedParameters(definition: Parameterised, given: Parameters = {}): Parameters {
  const { data, error } = parseParameters(definition, given);
  assert.ok(data, `${JSON.stringify(given)} is refused: ${String(error?.message)}`);
  return data;
}
