/** Shows how far a stage has come. One stage at a time. */
export interface Progress {
  /** Begins a stage of `total` images, of which `done` are there already from an earlier run. */
  readonly start: (stage: string, total: number, done: number) => void;
  /** `images` more are done. */
  readonly advance: (images: number) => void;
  /** Ends the stage, also when it was not finished. */
  readonly stop: () => void;
}
