import { printable } from '@farout/core';

const longest = 80;

/** Text out of a file, as an error may print it: at most 80 characters, and none that a terminal would obey. */
export const shown = (text: string): string => printable(text.slice(0, longest)) + (text.length > longest ? '…' : '');
