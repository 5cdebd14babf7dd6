import { StateDict } from '@oodkit/core';
import { constant, type Tensor } from '@oodkit/tensor';
import { generatedNumbers } from './generated-numbers.ts';

/**
 * A checkpoint that holds whatever parameter is asked for. Matrices and kernels are drawn as He et al. initialise them,
 * of variance 2 / (inputs of a unit), so that a network of any depth keeps its range; vectors lie between ½ and 1½, so that
 * they do for a variance too. The same name and shape give the same numbers.
 */
export class GeneratedStateDict extends StateDict {
  constructor() {
    super(new Map(), 'generated');
  }

  override take(name: string, shape: readonly number[]): Tensor {
    const draw = generatedNumbers(hash(name));
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const [low, width] = shape.length > 1 ? [-Math.sqrt(6 / inputs), 2 * Math.sqrt(6 / inputs)] : [0.5, 1];
    const size = (shape[0] ?? 1) * inputs;
    return constant({ data: Float32Array.from({ length: size }, () => low + width * draw()), shape }, name);
  }

  /** It has neither too much nor too little. */
  override finish(): void {
    return;
  }
}

const hash = (name: string) => Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7);
