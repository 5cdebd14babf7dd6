import { printable, type Logger } from '@farout/core';
import picocolors from 'picocolors';
import type { Display } from '../progress.ts';

/** Logs beside a progress display, so that neither tears the other. */
export function loggerOn(display: Display, colour: boolean): Logger {
  const { yellow } = picocolors.createColors(colour);
  return {
    info: (sentence) => display.print(printable(sentence)),
    warn: (sentence) => display.print(`${yellow('warning')} ${printable(sentence)}`),
  };
}

/** Whether a stream shows colours, by the customs NO_COLOR and FORCE_COLOR, else by whether it is a terminal. */
export function showsColour(stream: { readonly isTTY?: boolean }, env = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
