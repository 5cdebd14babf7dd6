import type { Importer } from '../nodes.ts';
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import * as comparison from './comparison.ts';
import * as convolution from './convolution.ts';
import * as layout from './layout.ts';
import * as linear from './linear.ts';
import * as normalisation from './normalisation.ts';
import * as quantisation from './quantisation.ts';
import * as reduction from './reduction.ts';
import * as resampling from './resampling.ts';
import * as search from './search.ts';
import * as selection from './selection.ts';

const families = [
  ...[arithmetic, comparison, activation, reduction, layout, selection],
  ...[search, linear, convolution, normalisation, resampling, quantisation],
];

/** The importers of ONNX's own operators. An operator missing here is passed through by name: see by-name.ts. */
export const importers: ReadonlyMap<string, Importer> = new Map(
  families.flatMap((family) => Object.entries(family.importers)),
);
