import type { ConfigNode } from './node.ts';

/** Whether a value lacks a variable, which is reported already: what it is worth cannot be judged. */
export const isIncomplete = (node: ConfigNode): boolean => node.kind === 'scalar' && node.incomplete;
