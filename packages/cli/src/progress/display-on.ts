import type { Clock } from '@farout/core';
import { BarProgress } from './displays.ts';
import type { Display } from './display.ts';
import { LineProgress } from './line-progress.ts';

const clock: Clock = { now: () => performance.now() };

/** A bar on a terminal, lines where there is none. */
export const displayOn = (stream: NodeJS.WriteStream): Display =>
  stream.isTTY && process.env.TERM !== 'dumb'
    ? new BarProgress(stream, clock)
    : new LineProgress((line) => stream.write(`${line}\n`), clock);
