/** Shows how far a stage has come. One stage at a time. */
export interface Progress {
  /**
   * Begins a stage of `total` images, of which `done` are there already from an earlier run. `unit` says what is counted
   * where it is no images: processes that load the network, files that are hashed.
   */
  readonly start: (stage: string, total: number, done: number, unit?: string) => void;
  /** So many more are done. */
  readonly advance: (more: number) => void;
  /** Ends the stage, also when it was not finished. */
  readonly stop: () => void;
}
