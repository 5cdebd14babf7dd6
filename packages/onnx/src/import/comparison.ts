import { broadcast } from '@farout/tensor/graph';
import { asWritten } from '../by-name.ts';
import type { Importer } from '../nodes.ts';
import { binary } from './arithmetic.ts';

/** Two operands that broadcast; result bool. */
const together: Importer = (use) =>
  asWritten(use, [['bool', broadcast(use.node.type, use.x.shape, use.tensor(1).shape)]], 'flat');

/** One operand; result bool. */
const each: Importer = (use) => asWritten(use, [['bool', use.x.shape]], 'flat');

/** Two operands that broadcast; result of their dtype. */
const alike: Importer = (use) =>
  asWritten(use, [[use.x.dtype, broadcast(use.node.type, use.x.shape, use.tensor(1).shape)]]);

/** Comparisons, logical and bitwise operators, and remainders. */
export const importers: Readonly<Record<string, Importer>> = {
  Equal: binary((a, b) => a.equal(b)),
  Greater: binary((a, b) => a.greater(b)),
  GreaterOrEqual: binary((a, b) => a.greaterOrEqual(b)),
  Less: binary((a, b) => a.less(b)),
  LessOrEqual: binary((a, b) => a.lessOrEqual(b)),
  Where: (use) => use.x.where(use.tensor(1), use.tensor(2)),
  And: together,
  Or: together,
  Xor: together,
  Not: each,
  IsNaN: each,
  IsInf: each,
  Mod: alike,
  BitShift: alike,
  BitwiseAnd: alike,
  BitwiseOr: alike,
  BitwiseXor: alike,
  BitwiseNot: (use) => asWritten(use, [[use.x.dtype, use.x.shape]]),
};
