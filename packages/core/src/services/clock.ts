/** The time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
