import { FaroutError } from '@farout/core';
import { watchOf, type Description, type Watch } from '@farout/deploy/load';
import type { Log } from './log.ts';
import type { Watcher } from './metrics.ts';

/** With which probability a service whose images have not changed ever raises the alarm, at most. */
const alpha = 0.01;

/**
 * Watches whether more images are refused than the threshold promises, after every image, and says so once in the log. Undefined where the file
 * promises nothing that could be watched, which the log says too.
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
