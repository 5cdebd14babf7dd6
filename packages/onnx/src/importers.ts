import { activations } from './import/activations.ts';
import { elementwise } from './import/elementwise.ts';
import { layout } from './import/layout.ts';
import { logic } from './import/logic.ts';
import { networks } from './import/networks.ts';
import { normalisations } from './import/normalisations.ts';
import { products } from './import/products.ts';
import { quantisation } from './import/quantisation.ts';
import { reductions } from './import/reductions.ts';
import { resampling } from './import/resampling.ts';
import { searches } from './import/searches.ts';
import { selections } from './import/selections.ts';
import type { Importer } from './node-use.ts';

/** What each of ONNX's own operators becomes. One that is not here is carried along by its name: see pass-through.ts. */
export const importers: ReadonlyMap<string, Importer> = new Map(
  [
    ...[activations, elementwise, layout, logic, networks, normalisations],
    ...[products, quantisation, reductions, resampling, searches, selections],
  ].flatMap((table) => Object.entries(table)),
);
