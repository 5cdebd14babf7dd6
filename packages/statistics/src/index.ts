export { aurocParts, covariance, differenceVariance, logitInterval, meanOfParts, newcombe } from './auroc.ts';
export type { AurocParts, Groups } from './auroc.ts';
export { benjaminiHochberg, binomialUpperTail, holm, twoSidedP } from './decisions.ts';
export { betaCdf, betaQuantile, logGamma, normalCdf, normalQuantile } from './distributions.ts';
export { clopperPearson, reach, wilson, type Bounds } from './shares.ts';
