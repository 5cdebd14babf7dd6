import { FaroutError } from '@farout/core';

/** The FaroutError that an action ends with; anything else it does is a failure of the test. */
export async function refusal(action: Promise<unknown>): Promise<FaroutError> {
  const outcome: unknown = await action.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error,
  );
  if (outcome instanceof FaroutError) return outcome;
  throw outcome;
}
