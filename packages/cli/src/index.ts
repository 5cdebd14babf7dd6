export * from './built-ins.ts';
export { cli } from './command-line.ts';
export * from './run.ts';
export {
  loadDetector,
  type Description,
  type LoadedDetector,
  type LoadOptions,
  type Scorable,
  type Verdict,
} from '@farout/deploy';
