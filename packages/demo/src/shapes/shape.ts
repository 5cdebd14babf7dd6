/**
 * An outline as a function: how far a place is from it, negative inside. Exact or nearly so close to the outline, which
 * is where it matters. x to the right, y down; the shape fills about the unit circle.
 */
export type Shape = (x: number, y: number) => number;
