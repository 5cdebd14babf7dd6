/** Where a run says what it does; one sentence a call, never part of the result. */
export interface Logger {
  /** What happens. */
  readonly info: (sentence: string) => void;
  /** What the user should look at; the run goes on. */
  readonly warn: (sentence: string) => void;
}
