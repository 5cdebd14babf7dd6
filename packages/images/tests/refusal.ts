import { OodkitError } from '@oodkit/core';

/** The OodkitError that an action ends with; anything else it does is a failure of the test. */
export async function refusal(action: Promise<unknown>): Promise<OodkitError> {
  const outcome: unknown = await action.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error,
  );
  if (outcome instanceof OodkitError) return outcome;
  throw outcome;
}
