/** Distance from the origin, of products and a root alone: what the powers and hypotenuses of Math give varies in its last bit. */
export const length = (x: number, y: number, z = 0): number => Math.sqrt(x * x + y * y + z * z);
