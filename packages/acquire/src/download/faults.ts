/** An address that may give more when it is asked again. */
export class Broken extends Error {
  /** How long it wants to be left alone, in milliseconds. */
  readonly wait: number | undefined;

  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}

/** One that gives too little to be called progress. */
export class Slow extends Broken {}

/** One that does not continue what is there, so that it must be asked for the whole file. */
export class Restart extends Broken {}

/** An address that is of no use, however often it is asked. */
export class Useless extends Error {}
