/**
 * The contracts: what a plugin provides, and what it can use of the host.
 *
 * @packageDocumentation
 */

import './errors/refuse-second-core.ts';

export type { NDArray, TypedArray } from '@farout/tensor';
export * from './contracts/backbone.ts';
export * from './contracts/dataset.ts';
export * from './contracts/detector.ts';
export * from './contracts/evaluation.ts';
export * from './contracts/fit.ts';
export * from './contracts/network.ts';
export * from './contracts/part.ts';
export * from './contracts/plugin.ts';
export * from './contracts/report.ts';
export * from './contracts/state-dict.ts';
export * from './contracts/storage.ts';
export * from './curve.ts';
export * from './errors.ts';
export * from './head.ts';
export * from './histogram.ts';
export * from './layers.ts';
export * from './report-data.ts';
export * from './results.ts';
export * from './seed.ts';
export * from './services.ts';
export * from './storages.ts';
export { cellText, csvLine, decodeText, printable, printableLines, textCell, type DecodedText } from './text.ts';
export * from './trace-detector.ts';
