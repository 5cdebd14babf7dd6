import type { Display } from './display.ts';

const nothing = () => undefined;

/** Shows nothing: `--quiet`. */
export const silentDisplay: Display = { start: nothing, advance: nothing, stop: nothing, print: nothing };
