import { broadcast } from '@farout/tensor/graph';
import type { Importer } from '../nodes.ts';
import { asWritten } from './as-written.ts';

/** Of two operands that broadcast; bool. */
const together: Importer = (use) =>
  asWritten(use, [['bool', broadcast(use.node.type, use.x.shape, use.tensor(1).shape)]], 'flat');

/** Of one operand; bool. */
const each: Importer = (use) => asWritten(use, [['bool', use.x.shape]], 'flat');

/** Of two operands that broadcast; of their dtype. */
const alike: Importer = (use) =>
  asWritten(use, [[use.x.dtype, broadcast(use.node.type, use.x.shape, use.tensor(1).shape)]]);

/** True and false, remainders and bits. */
export const logic: Readonly<Record<string, Importer>> = {
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
