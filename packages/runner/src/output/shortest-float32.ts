/** The shortest decimal that reads back as the same float32: 0.1, not 0.10000000149011612. */
export function shortestFloat32(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  let digits = 6;
  while (digits < mostDigits && !readsBack(value, digits)) digits++;
  while (digits > 1 && readsBack(value, digits - 1)) digits--;
  return String(Number(value.toPrecision(digits)));
}

/** Nine significant digits distinguish all float32 values. */
const mostDigits = 9;

const readsBack = (value: number, digits: number) => Math.fround(Number(value.toPrecision(digits))) === value;
