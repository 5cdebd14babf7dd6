import './no-eval.ts';

export { FaroutError } from '@farout/core/errors';
export type { Description, Standing, Verdict } from '@farout/verdict';
export { decodesExactly } from './canvas.ts';
export type { Scorable } from './decode.ts';
export {
  load,
  readDescription,
  type DetectorFile,
  type LoadedDetector,
  type LoadOptions,
  type NetworkInput,
} from './load.ts';
