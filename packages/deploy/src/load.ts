// `@farout/deploy/load`: for processes that only score images with a file. Starts without the libraries behind experiments.
export type { Description, Verdict } from '@farout/verdict';
export { loadDetector, type LoadedDetector, type LoadOptions, type Scorable } from './load-detector.ts';
export { readDescription } from './read-description.ts';
export { watchOf, type Watch } from './watch.ts';
