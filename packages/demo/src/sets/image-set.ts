import type { Frame } from '../frame.ts';
import type { Random } from '../numbers.ts';

/** A family of images; image i shows kind i mod (number of kinds), so that kinds are balanced and known beforehand. */
export interface ImageSet {
  /** Whether a kind's position is a class of the network. */
  readonly labelled: boolean;
  /** Paints one image of each kind, all of its variation drawn from the random numbers. */
  readonly kinds: ReadonlyMap<string, (random: Random) => Frame>;
}
