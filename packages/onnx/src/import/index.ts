import type { Importer } from '../nodes.ts';
import { activations } from './activation.ts';
import { elementwise } from './arithmetic.ts';
import { logic } from './comparison.ts';
import { networks } from './convolution.ts';
import { layout } from './layout.ts';
import { products } from './linear.ts';
import { normalisations } from './normalisation.ts';
import { quantisation } from './quantisation.ts';
import { reductions } from './reduction.ts';
import { resampling } from './resampling.ts';
import { searches } from './search.ts';
import { selections } from './selection.ts';

/** What each of ONNX's own operators becomes. One that is not here is carried along by its name: see pass-through.ts. */
export const importers: ReadonlyMap<string, Importer> = new Map(
  [
    ...[activations, elementwise, layout, logic, networks, normalisations],
    ...[products, quantisation, reductions, resampling, searches, selections],
  ].flatMap((table) => Object.entries(table)),
);
