/** float16 numbers, by their bits, as float32; exact. */
export const fromFloat16 = (bits: Uint16Array): Float32Array => Float32Array.from(bits, float16);

/** bfloat16 numbers, the upper halves of float32 ones; exact. */
export const fromBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest float16 numbers, ties to even; what is too large becomes ∞. */
export const toFloat16 = (values: Float32Array): Uint16Array => Uint16Array.from(values, float16Bits);

function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = size / 2 ** (exponent - 10);
  const [below, rest] = [Math.floor(steps), steps % 1];
  const nearest = below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
  // What is rounded up to the next power of two carries into the exponent by itself.
  const bits = size === Infinity ? Infinity : (exponent + 14) * 1024 + nearest;
  return sign | Math.min(bits, 0x7c00);
}
