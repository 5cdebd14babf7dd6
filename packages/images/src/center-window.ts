/** What a centred crop takes of one axis. */
export interface Window {
  /** The first position taken. */
  readonly first: number;
  /** How many positions are taken: the crop's side, or the whole axis where that is shorter. */
  readonly length: number;
  /** Zeros before the first position, where the axis is shorter than the crop. */
  readonly padding: number;
}

/** Cuts `crop` positions from the middle of an axis of `side`: first = round-half-even((side − crop) / 2).  */
export function centerWindow(side: number, crop: number): Window {
  if (side < crop) return { first: 0, length: side, padding: Math.floor((crop - side) / 2) };
  return { first: halfToEven(side - crop), length: crop, padding: 0 };
}

function halfToEven(n: number): number {
  const low = Math.floor(n / 2);
  return n % 2 === 1 && low % 2 === 1 ? low + 1 : low;
}
