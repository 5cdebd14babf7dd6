import type { Tensor } from './tensor.ts';

/** 1 where x ≥ 0 and −1 elsewhere, of x's shape and dtype: the sign with sign(0) = +1, as the code of ReAct has it for ODIN. */
export const signOf = (x: Tensor): Tensor => x.greaterOrEqual(0).cast(x.dtype).mul(2).sub(1);
