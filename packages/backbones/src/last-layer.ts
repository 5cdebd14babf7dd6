import { FaroutError, z, type Head, type StateDict } from '@farout/core';

/**
 * The last layer in a state_dict, (K, width) and (K), where K comes from the file.
 *
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when it has a single output: at least two classes are needed.
 */
export function lastLayer(state: StateDict, name: string, width: number): Head {
  const weight = state.take(`${name}.weight`, ['classes', width]);
  const classes = weight.shape[0] as number;
  if (classes === 1) {
    throw new FaroutError(
      'OOD_CHECKPOINT_MISMATCH',
      `its last layer "${name}" gives one number instead of one per class`,
      {
        fix: `Add a second class with logit 0; its softmax is the sigmoid: ${name}.weight = cat([zeros_like(w), w]), ${name}.bias = cat([zeros_like(b), b]).`,
      },
    );
  }
  return { weight, bias: state.take(`${name}.bias`, ['classes']) };
}

/** The parameter that selects one of several sets of weights in a checkpoint. */
export const stateKey = () =>
  z
    .string()
    .min(1)
    .optional()
    .describe(
      'key of the weights in a checkpoint that contains several, such as state_dict_ema; default: the usual one',
    );
