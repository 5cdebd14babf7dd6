import type { DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';
import { pathsExist } from '../dataset.ts';
import { parametersClosed } from '../parameters-closed.ts';
import { parametersRefused } from '../parameters.ts';
import { fileOrSource } from './file-or-source.ts';
import { hasImages } from './has-images.ts';
import { idsUnique } from './ids-unique.ts';
import { labelsAreClasses } from './labels-are-classes.ts';
import { opensAlike } from './opens-alike.ts';
import { readTwiceIsOnce } from './read-twice-is-once.ts';
import { readsBytes } from './reads-bytes.ts';
import { versionNamesBytes } from './version-names-bytes.ts';
import { versionsStable } from './versions-stable.ts';

/** The contract of a dataset. */
export const datasetChecks: readonly Check<DatasetSubject>[] = [
  parametersRefused,
  parametersClosed,
  hasImages,
  idsUnique,
  labelsAreClasses,
  fileOrSource,
  pathsExist,
  opensAlike,
  versionsStable,
  readsBytes,
  readTwiceIsOnce,
  versionNamesBytes,
];
