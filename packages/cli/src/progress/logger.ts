import { printable, type Logger } from '@farout/core';
import picocolors from 'picocolors';
import type { Display } from './display.ts';

/** Logs beside a progress display, so that neither tears the other. */
export function loggerOn(display: Display, colour: boolean): Logger {
  const { yellow } = picocolors.createColors(colour);
  return {
    info: (sentence) => display.print(printable(sentence)),
    warn: (sentence) => display.print(`${yellow('warning')} ${printable(sentence)}`),
  };
}
