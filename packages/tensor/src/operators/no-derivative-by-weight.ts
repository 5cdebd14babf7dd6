import { TensorError } from '../tensor-error.ts';

/** Weights are constants here; their derivative would be needed for training alone. */
export const noDerivativeByWeight = (operator: string) => (): never => {
  throw new TensorError(`${operator}: there is no derivative with respect to its weight`);
};
