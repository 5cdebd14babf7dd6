import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from '@farout/core';

const claimSchema = z.object({ host: z.string(), process: z.int(), token: z.string() });
type Claimant = z.output<typeof claimSchema>;

/** Age in ms after which a claim of another host is void, and the interval at which its holder renews it. */
const voidAfter = 90_000;
const renewEvery = 10_000;
const askEvery = 250;

/** The right to write a file, stored in a file next to it. */
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

  /** Takes a claim once nobody else holds it. Reports once whom it waits for. */
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

  /** Whether it is still held: another process may have taken it as void, for example after the machine slept. */
  async isHeld(): Promise<boolean> {
    return (await read(this.#file))?.token === this.#token;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (await this.isHeld()) await rm(this.#file, { force: true });
  }
}

/** Removes files left by processes killed while taking a claim. */
async function removeLeft(file: string): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`)) continue;
    const left = path.join(folder, name);
    const { mtimeMs = Infinity } = (await stat(left).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > voidAfter) await rm(left, { force: true });
  }
}

/** Writes a claim atomically: other processes never read a partial one. */
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

/** Error codes of file systems without hard links, such as exFAT. */
const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Writes a claim in place: others briefly see an empty claim, which is void only if it stays empty. */
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
  // Clocks of hosts differ, so a claim from the future is treated like an old one.
  const isOld = Math.abs(Date.now() - stats.mtimeMs) > (claimant ? voidAfter : renewEvery);
  if (!claimant && !isOld) return { host: 'this machine or another', process: 0, token: '' };
  const isDead = claimant?.host === hostname() && !isAlive(claimant.process);
  return claimant && !isOld && !isDead ? claimant : 'void';
}

/** If several processes find a claim void, only one removes it. It restores a claim that is not one it has seen. */
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
    // A process of another user cannot be signalled, but it exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
