import { centreOf, side } from './frame.ts';
import type { Random } from './random.ts';
import type { Shape } from './shapes/shape.ts';
import { cosine, sine } from './trigonometry.ts';

/** Where a shape lies on the image and how it is turned. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly turns: number;
  /** How much longer it is along its own axis than across, as when it is seen at an angle. */
  readonly stretch: number;
}

/** Any rotation; on the image but for, at times, a tip. */
export function randomPose(random: Random): Pose {
  const radius = random.between(0.45, 0.75);
  const room = 0.95 - radius;
  return {
    x: random.between(-room, room),
    y: random.between(-room, room),
    radius,
    turns: random.next(),
    stretch: random.between(0.85, 1.18),
  };
}

/** The distance to a posed shape at every pixel centre, in pixels, negative inside. */
export interface DistanceField {
  /** The distance at a pixel; beyond the edge of the image that of the nearest pixel. */
  readonly at: (column: number, row: number) => number;
}

/** Measures the distances from all pixels to a shape. */
export function distanceField(shape: Shape, { x, y, radius, turns, stretch }: Pose): DistanceField {
  const [c, s] = [cosine(turns), sine(turns)];
  const distances = new Float64Array(side * side).map((_, i) => {
    const [dx, dy] = [(centreOf(i % side) - x) / radius, (centreOf(Math.floor(i / side)) - y) / radius];
    return (shape((c * dx + s * dy) * stretch, (c * dy - s * dx) / stretch) * radius * side) / 2;
  });
  const clip = (index: number) => Math.min(Math.max(index, 0), side - 1);
  return { at: (column, row) => distances[clip(row) * side + clip(column)]! };
}
