import type { Logger } from '@farout/core';
import type { RunListener } from '../events.ts';

/** A logger whose sentences are also told as events. */
export const toldLogger = (shown: Logger, tell: RunListener): Logger => ({
  info: (message) => {
    shown.info(message);
    tell({ event: 'info', message });
  },
  warn: (message) => {
    shown.warn(message);
    tell({ event: 'warning', message });
  },
});
