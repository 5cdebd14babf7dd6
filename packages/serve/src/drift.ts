import { FaroutError } from '@farout/core';
import { watchOf, type Description, type Watch } from '@farout/deploy/load';
import type { Log } from './log.ts';
import type { Watcher } from './metrics.ts';

/** The maximum probability that a service whose images have not changed ever raises the alarm. */
const alpha = 0.01;

/**
 * Checks after every image whether more images are rejected than the threshold guarantees, and logs that once. Undefined, with a log entry, if the
 * file has no guarantee that could be monitored.
 */
export function watcherOf(description: Description, log: Log): Watcher | undefined {
  const watch = opened(description, log);
  if (!watch) return undefined;
  let isRaised = false;
  return {
    evidence: watch.evidence,
    add: (image) => {
      watch.add(image);
      if (isRaised || !watch.reaches(1 / alpha)) return;
      isRaised = true;
      const groups = watch.groups().filter(({ images }) => images > 0);
      log({ event: 'drift', evidence: watch.evidence(), alpha, groups });
    },
  };
}

function opened(description: Description, log: Log): Watch | undefined {
  try {
    return watchOf(description);
  } catch (error) {
    if (!(error instanceof FaroutError && error.code === 'OOD_WATCH_REFUSED')) throw error;
    log({ event: 'drift-unwatched', reason: error.message });
    return undefined;
  }
}
