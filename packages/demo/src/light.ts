import type { Random } from './random.ts';
import { cosine, sine } from './trigonometry.ts';

/** A distant lamp and how a surface answers it. */
export interface Light {
  /** Towards the lamp, of length 1: right, down, out of the image. */
  readonly direction: readonly [x: number, y: number, z: number];
  /** Brightness of what the lamp does not reach. */
  readonly ambient: number;
  /** Brightness of a highlight, 0 for a matt surface. */
  readonly gloss: number;
}

/** From any side, between low and steep. */
export function randomLight(random: Random): Light {
  const turns = random.next();
  const z = random.between(0.45, 0.85);
  const flat = Math.sqrt(1 - z * z);
  return {
    direction: [flat * cosine(turns), flat * sine(turns), z],
    ambient: random.between(0.3, 0.6),
    gloss: random.between(0, 0.35),
  };
}

/** What the lamp makes of a surface whose normal is (−slopeX, −slopeY, 1), not yet of length 1. */
export function illuminate({ direction: [x, y, z], ambient, gloss }: Light, slopeX: number, slopeY: number) {
  const facing = Math.max(0, (z - slopeX * x - slopeY * y) / Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY));
  const polished = facing * facing * facing * facing;
  return { diffuse: ambient + (1.15 - ambient) * facing, highlight: gloss * polished * polished };
}
