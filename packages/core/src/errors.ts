// `@farout/core/errors`: for processes that do not need the contracts, so that they start without the libraries behind them.
export { describeError, didYouMean } from './errors/describe-error.ts';
export * from './errors/farout-error.ts';
