// `@farout/core/errors`: for a process that needs no contracts, so that it starts without the libraries behind them.
export { describeError, didYouMean } from './errors/describe-error.ts';
export * from './errors/farout-error.ts';
