/** A failed attempt that may be retried. */
export class Broken extends Error {
  /** The wait requested by the server, in ms. */
  readonly wait: number | undefined;

  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}

/** An attempt that made too little progress. */
export class Slow extends Broken {}

/** A response that does not continue the existing bytes: the whole file must be requested. */
export class Restart extends Broken {}

/** A failure that a retry cannot fix. */
export class Useless extends Error {}
