/**
 * An outline as a function: how far a place is from it, negative inside. Exact or nearly so close to the outline, which
 * is where it matters. x to the right, y down; the shape fills about the unit circle.
 */
export type Shape = (x: number, y: number) => number;

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

/** Distance from the origin, of products and a root alone: what the powers and hypotenuses of Math give varies in its last bit. */
export const length = (x: number, y: number, z = 0): number => Math.sqrt(x * x + y * y + z * z);

// Math.sin may differ in its last bit from one version of V8 to the next; these use + − × only, and so never do.

/** Sine of an angle in turns (1 = 360°), error below 10⁻⁹. */
export function sine(turns: number): number {
  const half = turns - Math.floor(turns + 0.5);
  const quarter = Math.abs(half) <= 0.25 ? half : Math.sign(half) * 0.5 - half;
  const x = 2 * Math.PI * quarter;
  return x * series(x * x);
}

/** Cosine of an angle in turns (1 = 360°), error below 10⁻⁹. */
export const cosine = (turns: number): number => sine(turns + 0.25);

/** sin(x) / x as its Taylor series in x², up to x¹². */
function series(square: number): number {
  let value = 1;
  for (let n = 12; n > 0; n -= 2) value = 1 - (value * square) / (n * (n + 1));
  return value;
}
