/** To six significant digits: more cannot be drawn, and a file of them would be twice as long. */
export const rounded = (values: Iterable<number>): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(6)));
