export { aurocInterval, degreesOfFreedom, logitInterval, newcombe, type AurocInterval } from './auroc-interval.ts';
export { aurocParts, covariance, differenceVariance, meanOfParts } from './auroc.ts';
export type { AurocParts, Groups } from './auroc.ts';
export { betaBinomialUpperTail, type Promised } from './beta-binomial.ts';
export {
  complement,
  confidentRank,
  conformalP,
  conformalRank,
  conformalRejections,
  leastForConfidence,
  leastForRank,
  leastRejections,
  type Decimal,
} from './conformal.ts';
export { benjaminiHochberg, binomialUpperTail, holm, notBeaten, twoSidedP } from './decisions.ts';
export {
  betaCdf,
  betaQuantile,
  logBetaCdf,
  logGamma,
  normalCdf,
  normalQuantile,
  studentQuantile,
} from './distributions.ts';
export { driftTest, type DriftState, type DriftTest } from './drift.ts';
export { clopperPearson, reach, wilson, type Bounds } from './shares.ts';
export { drawCounts, groupCount, groupNumbers, quantile, type DrawKey } from './draws.ts';
