import { hostname } from 'node:os';
import { z, type Logger, type Store } from '@farout/core';
import { unsealed, sealed, hashData } from '../store/entries.ts';

/** How old a claim of another host may be before it is void, in milliseconds; whoever works renews his own three times as often. */
const voidAfter = 90_000;

const claimSchema = z.object({ host: z.string(), process: z.number(), time: z.number() });
type Claim = z.output<typeof claimSchema>;
/** Who claims: a process of a host. */
type Claimant = Pick<Claim, 'host' | 'process'>;

/**
 * Says who computes what, so that runs which work at once share the work. Only advice: a claim is void when it is old, given up or its process
 * is gone, and a run that cannot write one computes all the same.
 */
export class Claims {
  readonly #store: Pick<Store, 'read' | 'write' | 'create'>;
  readonly #warn: Logger['warn'];
  readonly #now: () => number;
  readonly #self: Claimant;
  /** What this process has claimed, and when it said so last. */
  readonly #own = new Map<string, number>();

  constructor(
    store: Pick<Store, 'read' | 'write' | 'create'>,
    { warn }: Pick<Logger, 'warn'>,
    now = Date.now,
    self: Claimant = { host: hostname(), process: process.pid },
  ) {
    this.#store = store;
    this.#warn = warn;
    this.#now = now;
    this.#self = self;
  }

  /**
   * Claims readings of a stretch of images; undefined where another process is at work on them. `first`: nobody has claimed them before, so
   * that what was looked up of them a moment ago is so still.
   */
  async take(place: string, readings: readonly string[]): Promise<'first' | 'again' | undefined> {
    const key = keyOf(place, readings);
    try {
      if (await this.#store.create(key, this.#claim(key))) return 'first';
      const other = claimSchema.safeParse(unsealed((await this.#store.read(key)) ?? new Uint8Array(0))).data;
      if (other && this.#holds(other)) {
        this.#own.delete(key);
        return undefined;
      }
      await this.#store.write(key, this.#claim(key));
    } catch (error) {
      this.#warn(
        `The store does not accept claims, so concurrent runs may do the same work: ${(error as Error).message}`,
      );
    }
    return 'again';
  }

  /** Says again that this process is at work, where it said so last some time ago. */
  async renew(place: string, readings: readonly string[]): Promise<void> {
    const key = keyOf(place, readings);
    const said = this.#own.get(key);
    if (said === undefined || this.#now() - said < voidAfter / 3) return;
    await this.#store.write(key, this.#claim(key)).catch(() => undefined);
  }

  /** Gives a stretch up that this process has claimed: it may live on for long, and others would wait until the claim is old. */
  async release(place: string, readings: readonly string[]): Promise<void> {
    const key = keyOf(place, readings);
    if (this.#own.delete(key)) await this.#store.write(key, this.#claimOf(0)).catch(() => undefined);
  }

  #claim(key: string): Uint8Array {
    const time = this.#now();
    this.#own.set(key, time);
    return this.#claimOf(time);
  }

  #claimOf(time: number): Uint8Array {
    return sealed({ ...this.#self, time } satisfies Claim);
  }

  #holds({ host, process: id, time }: Claim): boolean {
    // Clocks of hosts differ: a claim of the future is no better than an old one.
    if (Math.abs(this.#now() - time) > voidAfter) return false;
    const { host: here, process: own } = this.#self;
    return host !== here || (id !== own && isAlive(id));
  }
}

const keyOf = (place: string, readings: readonly string[]) => `claims/${hashData([place, [...readings].sort()])}.json`;

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
