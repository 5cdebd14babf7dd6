import { hostname } from 'node:os';
import { z, type Logger, type Store } from '@farout/core';
import { unsealed, sealed, hashData } from '../store/entries.ts';

/** Age after which a claim of another host is void, in milliseconds. A working process renews its claims three times as often. */
const voidAfter = 90_000;

const claimSchema = z.object({ host: z.string(), process: z.number(), time: z.number() });
type Claim = z.output<typeof claimSchema>;
/** The claimant: a process on a host. */
type Claimant = Pick<Claim, 'host' | 'process'>;

/**
 * Records who computes what, so that concurrent runs share the work. Claims are only advisory: a claim is void if it
 * is old, released, or its process is gone, and a run that cannot write claims computes everything itself.
 */
export class Claims {
  readonly #store: Pick<Store, 'read' | 'write' | 'create'>;
  readonly #warn: Logger['warn'];
  readonly #now: () => number;
  readonly #self: Claimant;
  /** The claims of this process, with the time each was last written. */
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
   * Claims readings of a range of images; undefined if another process is working on them. `first` means that nobody
   * has claimed them before, so what was just looked up about them is still current.
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

  /** Renews a claim that was last written some time ago. */
  async renew(place: string, readings: readonly string[]): Promise<void> {
    const key = keyOf(place, readings);
    const said = this.#own.get(key);
    if (said === undefined || this.#now() - said < voidAfter / 3) return;
    await this.#store.write(key, this.#claim(key)).catch(() => undefined);
  }

  /** Releases a range that this process has claimed. The process may live on, and others would wait until the claim expires. */
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
    // Hosts' clocks differ: a claim from the future is treated like an old one.
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
    // A process of another user cannot be signalled, but exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
