/** Where a run says what it does; one sentence a call, never part of the result. */
export interface Logger {
  readonly info: (sentence: string) => void;
  readonly warn: (sentence: string) => void;
}
