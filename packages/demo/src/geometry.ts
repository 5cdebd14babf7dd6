import type { Shape } from './shapes/shape.ts';
import { cosine, sine } from './trigonometry.ts';

type Corner = readonly [x: number, y: number];

/** The inside of a closed line through these corners, which may be concave. */
export function polygon(corners: readonly Corner[]): Shape {
  const edges = corners.map((end, i) => edge(corners.at(i - 1)!, end));
  return (x, y) => {
    let nearest = Infinity;
    let inside = false;
    for (const { squaredDistance, crossesRayFrom } of edges) {
      nearest = Math.min(nearest, squaredDistance(x, y));
      if (crossesRayFrom(x, y)) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners evenly on a circle, the first on top; with two radii they take turns, which makes a star. */
export function regular(count: number, ...radii: readonly number[]): Shape {
  const corners = Array.from({ length: count * radii.length }, (_, i): Corner => {
    const turns = i / (count * radii.length);
    const radius = radii[i % radii.length]!;
    return [radius * sine(turns), -radius * cosine(turns)];
  });
  return polygon(corners);
}

function edge([x0, y0]: Corner, [x1, y1]: Corner) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squaredLength = dx * dx + dy * dy;
  return {
    squaredDistance: (x: number, y: number) => {
      const along = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / squaredLength, 0), 1);
      const [offX, offY] = [x - x0 - along * dx, y - y0 - along * dy];
      return offX * offX + offY * offY;
    },
    /** Whether the ray from here to the right meets the edge. */
    crossesRayFrom: (x: number, y: number) => y0 > y !== y1 > y && x < x0 + ((y - y0) / dy) * dx,
  };
}
