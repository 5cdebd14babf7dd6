/** The run was stopped by its signal; its store is whole and the next run goes on from it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('The run was interrupted; what is done is kept, and the same command goes on from there.');
  }
}
