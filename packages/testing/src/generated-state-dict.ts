import { StateDict } from '@farout/core';
import { constant, type Tensor } from '@farout/tensor';
import { generatedNumbers } from './generated-numbers.ts';

/** Of an axis whose size the file may choose. */
const chosenSize = 10;

/**
 * A checkpoint that holds whatever parameter is asked for. Matrices and kernels are drawn with variance 4/3 / (inputs of a
 * unit): less than the 2 of He et al., as the vectors, between ½ and 1½ so that they do for a variance too, make up for it
 * where they are a normalisation's; a deep network keeps its range. The same name and shape give the same numbers.
 */
export class GeneratedStateDict extends StateDict {
  constructor() {
    super(new Map(), 'generated');
  }

  override take(name: string, wanted: readonly (number | undefined)[]): Tensor {
    const shape = wanted.map((size) => size ?? chosenSize);
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const reach = Math.sqrt(4 / inputs);
    const data = new Float32Array((shape[0] ?? 1) * inputs);
    const draw = generatedNumbers(hash(name));
    for (let i = 0; i < data.length; i++) data[i] = shape.length > 1 ? reach * (2 * draw() - 1) : 0.5 + draw();
    return constant({ data, shape }, name);
  }

  /** It has neither too much nor too little. */
  override finish(): void {
    return;
  }
}

const hash = (name: string) => Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7);
