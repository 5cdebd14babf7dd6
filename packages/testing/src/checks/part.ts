import { batchAsRows } from './batch-as-rows.ts';
import type { Check } from './check.ts';
import { defaultsConstruct } from './defaults-construct.ts';
import { finiteOnExtremes } from './finite-on-extremes.ts';
import { fitStreams } from './fit-streams.ts';
import { fitTwiceIsOnce } from './fit-twice-is-once.ts';
import { learntIsArrays } from './fit.ts';
import { inputUntouched } from './input-untouched.ts';
import { parametersClosed } from './parameters-closed.ts';
import { parametersRefused } from './parameters.ts';
import { twiceIsOnce } from './twice-is-once.ts';

/** The clauses that scorers and hooks share. */
export const partChecks: readonly Check[] = [
  defaultsConstruct,
  parametersRefused,
  parametersClosed,
  inputUntouched,
  batchAsRows,
  twiceIsOnce,
  finiteOnExtremes,
  learntIsArrays,
  fitTwiceIsOnce,
  fitStreams,
];
