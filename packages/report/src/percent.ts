/** What stands where there is no number. */
export const absent = '—';

/** A fraction as percent with two decimals, without the sign: 0.5 → `50.00`. */
export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? absent : (100 * fraction).toFixed(2);
