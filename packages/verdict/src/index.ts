export {
  descriptionKey,
  descriptionSchema,
  descriptionVersion,
  mostContents,
  tableName,
  thresholdName,
  type Description,
} from './description.ts';
export { feedsOf } from './feeds.ts';
export { quantilesOf, standingOf, type Standing } from './ranks.ts';
export { describedBy, invalidFile, otherFile, sourceOf, type Source } from './read-description.ts';
export { inTurns, isDetector, verdictOf, type Verdict } from './verdict.ts';
