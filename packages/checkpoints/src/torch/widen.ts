/** The bits of the float32 that a number of 16 bits becomes. */
type Widened = (bits: number) => number;

/**
 * float16 (IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits) as the bits of the equal float32. Every number is
 * kept exactly, subnormal ones too. A NaN becomes a quiet one with its fraction kept, as PyTorch's `.float()` has it.
 */
const float16: Widened = (bits) => {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction && 0x400000 | (fraction << 13));
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  return sign | subnormal(fraction);
};

/** fraction · 2⁻²⁴, which is an ordinary number in float32. */
function subnormal(fraction: number): number {
  return new Int32Array(Float32Array.of(fraction * 2 ** -24).buffer)[0]!;
}

/** bfloat16: the upper half of a float32. */
const bfloat16: Widened = (bits) => bits << 16;

/** The float32 equal to each float16 in these bytes. */
export const widenFloat16 = widening(float16);

/** The float32 equal to each bfloat16 in these bytes. */
export const widenBfloat16 = widening(bfloat16);

function widening(widened: Widened): (bytes: ArrayBuffer) => Float32Array {
  let bitsOf: Int32Array | undefined;
  return (bytes) => {
    bitsOf ??= Int32Array.from({ length: 2 ** 16 }, (_, bits) => widened(bits));
    const narrow = new Uint16Array(bytes);
    const wide = new Int32Array(narrow.length);
    for (let i = 0; i < narrow.length; i++) wide[i] = bitsOf[narrow[i]!]!;
    return new Float32Array(wide.buffer);
  };
}
