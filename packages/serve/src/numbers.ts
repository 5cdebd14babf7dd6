import { shortestFloat32 } from '@farout/runner/images';

/** A float32 for JSON: the shortest number that reads back as the same, or `"Infinity"`, `"-Infinity"`, `"NaN"`. */
export function numberOf(value: number): number | string {
  return Number.isFinite(value) ? Number(shortestFloat32(value)) : String(value);
}
