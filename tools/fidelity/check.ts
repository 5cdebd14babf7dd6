/** One line of the table: what was compared, the result, and the bound. */
export interface Check {
  readonly what: string;
  readonly seen: string;
  readonly asked: string;
  readonly holds: boolean;
}

/** A largest difference and its bound. */
export const atMost = (what: string, seen: number, bound: number): Check => ({
  what,
  seen: seen.toPrecision(3),
  asked: `≤ ${bound}`,
  holds: seen <= bound,
});

/** A share and its bound from below. */
export const atLeast = (what: string, seen: number, bound: number): Check => ({
  what,
  seen: seen.toFixed(6),
  asked: `≥ ${bound}`,
  holds: seen >= bound,
});

/** A count that must be complete. */
export const allOf = (what: string, right: number, total: number): Check => ({
  what,
  seen: `${right} of ${total}`,
  asked: 'all',
  holds: right === total && total > 0,
});
