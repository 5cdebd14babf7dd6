import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from '@farout/core';

const claimSchema = z.object({ host: z.string(), process: z.int(), token: z.string() });
type Claimant = z.output<typeof claimSchema>;

/** How old a claim of another host may be before it is void, and how often its holder renews it, in milliseconds. */
const voidAfter = 90_000;
const renewEvery = 10_000;
const askEvery = 250;

/** The right to write a file, kept in a file beside it. */
export class Claim {
  readonly #file: string;
  readonly #token: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(file: string, token: string) {
    this.#file = file;
    this.#token = token;
    this.#timer = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), renewEvery);
    this.#timer.unref();
  }

  /** Takes a claim once nobody holds it; whom it waits for is told once. */
  static async take(file: string, wait: (holder: string) => void, signal: AbortSignal): Promise<Claim> {
    const token = randomUUID();
    for (let told = false; ;) {
      if (await create(file, { host: hostname(), process: process.pid, token })) {
        await removeLeft(file);
        return new Claim(file, token);
      }
      const holder = await holderOf(file);
      if (holder === 'gone') continue;
      if (holder === 'void') await remove(file);
      else {
        if (!told) wait(`process ${holder.process} on ${holder.host}`);
        told = true;
        await setTimeout(askEvery, undefined, { signal });
      }
    }
  }

  /** Whether it is still held: one that was taken for void, as after a long sleep of the machine, is another's now. */
  async isHeld(): Promise<boolean> {
    return (await read(this.#file))?.token === this.#token;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (await this.isHeld()) await rm(this.#file, { force: true });
  }
}

/** What processes have left that were killed in the middle of taking one. */
async function removeLeft(file: string): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`)) continue;
    const left = path.join(folder, name);
    const { mtimeMs = Infinity } = (await stat(left).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > voidAfter) await rm(left, { force: true });
  }
}

/** Written whole or not at all: another process never reads half a claim. */
async function create(file: string, claimant: Claimant): Promise<boolean> {
  const temporary = `${file}.${claimant.token}`;
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(JSON.stringify(claimant));
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutLinks.includes(code)) throw error;
    return await createThere(file, claimant);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What file systems say that have no hard links, as exFAT. */
const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Written at its place: for a moment others see an empty claim, which is void only when it stays so. */
async function createThere(file: string, claimant: Claimant): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(claimant), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<Claimant | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function holderOf(file: string): Promise<Claimant | 'gone' | 'void'> {
  const claimant = await read(file);
  const stats = await stat(file).catch(() => undefined);
  if (!stats) return 'gone';
  // Clocks of hosts differ: a claim of the future is no better than an old one.
  const isOld = Math.abs(Date.now() - stats.mtimeMs) > (claimant ? voidAfter : renewEvery);
  if (!claimant && !isOld) return { host: 'this machine or another', process: 0, token: '' };
  const isDead = claimant?.host === hostname() && !isAlive(claimant.process);
  return claimant && !isOld && !isDead ? claimant : 'void';
}

/** Of several that find a claim void, one alone moves it away; it puts back what is none of those it has seen. */
async function remove(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const isVoid = (await holderOf(aside)) === 'void';
  if (!isVoid) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
