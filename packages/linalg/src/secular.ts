/** D + ρ·z·zᵀ with D = diag(poles): the poles are ascending and distinct, no z is 0, ρ > 0. */
export interface Update {
  readonly poles: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
}

/**
 * Eigenvalues of D + ρ·z·zᵀ, ascending: the roots of 1 + ρ·Σ zᵢ² / (pᵢ − λ), one after each pole. Row j of `vectors` becomes the unit
 * eigenvector of λⱼ, with element i in column `columnOf[i]`; rows are `stride` apart.
 *
 * The vectors are computed from a z for which the computed roots are exact, so they are orthogonal to rounding, however close the roots
 * are: they depend only on the distances between roots and poles, which are accurate to the last bits.
 *
 * Gu and Eisenstat, "A stable and efficient algorithm for the rank-one modification of the symmetric eigenproblem", 1994.
 */
export function updatedEigen(
  update: Update,
  columnOf: Int32Array,
  vectors: Float64Array,
  stride: number,
): Float64Array {
  const { poles } = update;
  const rowAt = (j: number) => vectors.subarray(j * stride, j * stride + poles.length);
  const values = poles.map((_, j) => findRoot(update, j, rowAt(j)));
  const z = zOfRoots(update, rowAt);
  const distances = new Float64Array(poles.length);
  for (let j = 0; j < poles.length; j++) {
    const row = rowAt(j);
    distances.set(row);
    let square = 0;
    for (let i = 0; i < row.length; i++) {
      distances[i] = z[i]! / distances[i]!;
      square += distances[i]! * distances[i]!;
    }
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < row.length; i++) row[columnOf[i]!] = distances[i]! * scale;
  }
  return values;
}

/** ẑᵢ² = Πⱼ (λⱼ − pᵢ) / Πⱼ≠ᵢ (pⱼ − pᵢ), times a constant that does not affect the direction; the signs are those of z. */
function zOfRoots({ poles, z }: Update, rowAt: (j: number) => Float64Array): Float64Array {
  const squares = new Float64Array(poles.length).fill(1);
  for (let j = 0; j < poles.length; j++) {
    const distances = rowAt(j);
    for (let i = 0; i < poles.length; i++)
      squares[i]! *= i === j ? -distances[i]! : distances[i]! / (poles[i]! - poles[j]!);
  }
  return squares.map((square, i) => Math.sign(z[i]!) * Math.sqrt(Math.abs(square)));
}

const epsilon = 2 ** -52;
/** Most roots take 3 to 8 steps; bisection alone takes at most 1,100, from the smallest number to the largest. */
const mostSteps = 1200;

/** The secular function seen from one of its poles: g(μ) = 1/ρ + Σ zᵢ² / (δᵢ − μ), which increases between poles. */
interface Secular {
  /** δᵢ, the distances of the poles from this one. */
  readonly delta: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
  /** The pole itself, and the one on the root's other side. */
  readonly near: number;
  readonly far: number;
}

/**
 * Finds the root after pole j, and fills `distances` with all pᵢ − λ. It searches for the distance from the nearer pole, which keeps full
 * relative accuracy.
 */
function findRoot({ poles, z, rho }: Update, j: number, distances: Float64Array): number {
  const last = poles.length - 1;
  const gap = j < last ? poles[j + 1]! - poles[j]! : rho * z.reduce((sum, value) => sum + value * value, 0);
  const from = (near: number, far: number): Secular => {
    for (let i = 0; i < poles.length; i++) distances[i] = poles[i]! - poles[near]!;
    return { delta: distances, z, rho, near, far };
  };
  let secular = from(j, j < last ? j + 1 : j - 1);
  const isLeft = j === last || evaluate(secular, gap / 2).value >= 0;
  if (!isLeft) secular = from(j + 1, j);
  const root = last === 0 ? gap : narrowed(secular, isLeft ? 0 : -gap / 2, isLeft ? (j < last ? gap / 2 : 2 * gap) : 0);
  for (let i = 0; i < poles.length; i++) distances[i]! -= root;
  return poles[secular.near]! + root;
}

/** Steps towards the root between two numbers until g is 0 to rounding, or no other float lies between them. */
function narrowed(secular: Secular, low: number, high: number): number {
  let at = (low + high) / 2;
  for (let step = 0; step < mostSteps; step++) {
    const { value, slope, size } = evaluate(secular, at);
    if (Math.abs(value) <= epsilon * size) break;
    if (value < 0) low = at;
    else high = at;
    const next = fixedWeight(secular, at, value, slope).find((to) => to > low && to < high) ?? between(low, high);
    if (!(next > low && next < high)) break;
    at = next;
  }
  return at;
}

/** g, its derivative, and the sum of the magnitudes of its terms, which bounds the rounding error of g. */
function evaluate({ delta, z, rho }: Secular, at: number) {
  let [value, slope, size] = [1 / rho, 0, 1 / rho];
  for (let i = 0; i < z.length; i++) {
    const ratio = z[i]! / (delta[i]! - at);
    const term = z[i]! * ratio;
    value += term;
    size += Math.abs(term);
    slope += ratio * ratio;
  }
  return { value, slope, size };
}

/**
 * The roots of c + z²/(δ − μ) + s/(δ′ − μ) = 0, which matches g's value and slope here, and g's z at the nearer pole.
 *
 * Li, "Solving secular equations stably and efficiently", 1993: the fixed-weight method.
 */
function fixedWeight({ delta, z, near, far }: Secular, at: number, value: number, slope: number): number[] {
  const [toNear, toFar] = [delta[near]! - at, delta[far]! - at];
  const ratio = z[near]! / toNear;
  const c = value - toFar * slope - (toNear - toFar) * ratio * ratio;
  const b = (toNear + toFar) * value - toNear * toFar * slope;
  const product = toNear * toFar * value;
  const root = Math.sqrt(Math.max(0, b * b - 4 * c * product));
  const q = (b + (b < 0 ? -root : root)) / 2;
  return [at + product / q, at + q / c];
}

/** The midpoint: geometric if both ends have the same sign and are far apart. */
function between(low: number, high: number): number {
  const [small, large] = Math.abs(low) < Math.abs(high) ? [low, high] : [high, low];
  const isFar = small * large > 0 && Math.abs(large) > 4 * Math.abs(small);
  return isFar ? Math.sign(large) * Math.sqrt(small * large) : (low + high) / 2;
}
