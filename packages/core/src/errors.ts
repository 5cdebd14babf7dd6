// `@farout/core/errors`: for a process that needs no contracts, so that it starts without the libraries behind them.
export * from './errors/codes.ts';
export * from './errors/describe-error.ts';
export { didYouMean } from './errors/did-you-mean.ts';
export * from './errors/farout-error.ts';
