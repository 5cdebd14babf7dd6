import picocolors from 'picocolors';

/** Colours, or functions of the same names that change nothing. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** The colours of a terminal that shows them, or of one that does not. */
export const styleFor = (colour: boolean): Style => picocolors.createColors(colour);
