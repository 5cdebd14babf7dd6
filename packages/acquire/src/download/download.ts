import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FaroutError, type Logger } from '@farout/core';
import { parseAddress, type Address } from '../address.ts';
import { Claim } from './claim.ts';
import { Broken, Restart, Slow, Useless } from './faults.ts';
import { onDisk, Part } from './part.ts';
import type { Environment } from './dispatcher.ts';
import { digestsOf, mismatch, type Digests, type FileSource } from './source.ts';
import { transfer, type Patience } from './transfer.ts';

/** How often an address is asked again, and how long is waited between, in milliseconds. */
export interface Retries {
  /** Attempts in a row that bring nothing. */
  readonly attempts: number;
  /** Attempts in all. */
  readonly inAll: number;
  /** The first wait; each further one is twice as long, and each is shortened by chance, so that many machines do not ask at once. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** The longest that a server may ask for. */
  readonly longestRetryAfter: number;
}

/** What a download works with. */
export interface DownloadOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly patience?: Patience;
  readonly retries?: Retries;
  /** Is told how many bytes of the file are there, whenever more are, and how many it has, where that is known. */
  readonly reached?: (length: number, size?: number) => void;
}

/** A file that is whole and as it was published. */
export interface Downloaded extends Digests {
  /** The address that gave it, as messages show it; absent where it was there before. */
  readonly from?: string;
}

const usualPatience: Patience = { silence: 30_000, slowest: 1000, over: 60_000 };
const usualRetries: Retries = {
  attempts: 6,
  inAll: 1000,
  firstWait: 1000,
  longestWait: 60_000,
  longestRetryAfter: 600_000,
};

/**
 * Loads a file to a path. It goes on where an earlier attempt has stopped, whatever stopped it, asks one address after the other, and looks at
 * size and checksums before the file gets its name. Two that load the same file at once share it: the second waits for the first.
 *
 * @throws FaroutError when no address gives the file, or what is there already is another file.
 */
export async function download(source: FileSource, target: string, options: DownloadOptions): Promise<Downloaded> {
  const { signal, logger } = options;
  // Before anything is asked or written.
  const addresses = source.addresses.map(parseAddress);
  await onDisk(target, () => mkdir(path.dirname(target), { recursive: true }));
  const there = await found(source, target, signal);
  if (there) return there;
  const wait = (holder: string) => logger.info(`${source.name}: ${holder} is downloading it; waiting`);
  const claim = await onDisk(target, () => Claim.take(`${target}.claim`, wait, signal));
  try {
    return (await found(source, target, signal)) ?? (await fromAddresses(source, addresses, target, claim, options));
  } finally {
    await claim.release();
  }
}

/** The file that is there already; undefined where there is none. Nothing waits for the writer of a pipe. */
async function found(source: FileSource, target: string, signal: AbortSignal): Promise<Digests | undefined> {
  const stats = await onDisk(target, () => stat(target).catch(unlessAbsent));
  if (!stats) return undefined;
  const fix = 'Move it away, and run the same command again.';
  if (!stats.isFile()) throw new FaroutError('OOD_CONTENT_MISMATCH', `${target} is not a file`, { fix });
  const digests = await onDisk(target, () => digestsOf(target, signal));
  const fault = mismatch(source, digests);
  if (fault === undefined) return digests;
  throw new FaroutError('OOD_CONTENT_MISMATCH', `${target} is not ${source.name}: ${fault}`, { fix });
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function fromAddresses(
  source: FileSource,
  addresses: readonly Address[],
  target: string,
  claim: Claim,
  options: DownloadOptions,
): Promise<Downloaded> {
  const part = await Part.open(target, options.signal);
  const faults: Error[] = [];
  try {
    for (const address of addresses) {
      try {
        await fromAddress(source, address, part, options);
        if (!(await claim.isHeld())) throw new Broken(`another process has taken ${source.name} over`);
        await part.finish();
        return { ...part.digests(), from: address.shown };
      } catch (error) {
        faults.push(keptFault(error, options.signal));
      }
    }
    throw failed(source, faults);
  } finally {
    await part.close();
  }
}

/** What is said in the end of an address; a fault that no other address would mend is thrown. */
function keptFault(error: unknown, signal: AbortSignal): Error {
  signal.throwIfAborted();
  if (error instanceof Broken || error instanceof Useless) return error;
  if (error instanceof FaroutError && ['OOD_ADDRESS_REFUSED', 'OOD_CONTENT_MISMATCH'].includes(error.code))
    return error;
  throw error;
}

function failed({ name }: FileSource, faults: readonly Error[]): FaroutError {
  const [first] = faults;
  if (faults.length === 1 && first instanceof FaroutError) return first;
  const reasons = faults.map(({ message }) => message).join('; ');
  const isTls = faults.some(({ message }) => message.includes('certificate'));
  return new FaroutError('OOD_DOWNLOAD_FAILED', `${name} could not be downloaded: ${reasons || 'it has no address'}`, {
    fix: isTls
      ? 'If a proxy in your network signs connections, set NODE_EXTRA_CA_CERTS to the file of its certificate.'
      : 'Run the same command again later: the download resumes. Or put the file in place by hand.',
  });
}

/** After so many the whole file is asked for each time. */
const mostRestarts = 3;

/** Asks an address until the file is whole and right. */
async function fromAddress(source: FileSource, address: Address, part: Part, options: DownloadOptions): Promise<void> {
  const { retries = usualRetries, patience = usualPatience, env, signal, logger, reached = () => undefined } = options;
  // Bytes of an earlier attempt may be of another version where no ETag has vouched for them.
  let [restarts, inherited] = [0, part.length > 0];
  for (let [failures, attempt] = [0, 1]; ; attempt++) {
    const before = part.length;
    try {
      if (!isWhole(part, address, source)) {
        await transfer(source, address, part, { env, signal, patience, reached, mayResume: restarts < mostRestarts });
      }
      const fault = mismatch(source, part.digests());
      if (fault === undefined) return;
      await part.clear();
      if (!inherited) throw wrongContent(source, address, fault);
      inherited = false;
    } catch (error) {
      const broken = asBroken(error, address, signal);
      failures = part.length > before && !(broken instanceof Slow) ? 0 : failures + 1;
      if (failures >= retries.attempts || attempt >= retries.inAll) throw broken;
      if (broken instanceof Restart) {
        restarts++;
        await part.clear();
      }
      const wait = waitFor(broken, failures, retries);
      logger.info(`${broken.message}; trying again in ${Math.ceil(wait / 1000)} s`);
      await setTimeout(wait, undefined, { signal });
    }
  }
}

/** Whether only the name is missing, as when the process was killed at the end. */
const isWhole = (part: Part, address: Address, source: FileSource) =>
  part.length > 0 && part.length === part.size && (part.isFrom(address) || source.sha256 !== undefined);

const wrongContent = ({ name }: FileSource, { shown }: Address, fault: string) =>
  new FaroutError('OOD_CONTENT_MISMATCH', `${shown} returned a different file from ${name}: ${fault}`, {
    fix: 'The publisher may have replaced it, or someone may be intercepting the connection. Nothing of it was kept.',
  });

function waitFor({ wait, message }: Broken, failures: number, retries: Retries): number {
  if (wait !== undefined && wait > retries.longestRetryAfter)
    throw new Useless(`${message}, and asks clients to wait for ${Math.ceil(wait / 60_000)} minutes`);
  const backoff = Math.min(retries.longestWait, retries.firstWait * 2 ** Math.max(0, failures - 1));
  return Math.max(wait ?? 0, backoff * (0.5 + Math.random() / 2));
}

/** What may pass when it is tried again; all else is thrown. */
function asBroken(error: unknown, { shown }: Address, signal: AbortSignal): Broken {
  signal.throwIfAborted();
  if (error instanceof Broken) return error;
  if (error instanceof Useless || error instanceof FaroutError) throw error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|SIGNATURE|^ERR_TLS/.test(code))
    throw new Useless(`${shown} has an untrusted certificate (${code})`);
  if (code === 'ENOTFOUND') throw new Useless(`${shown} was not found: its host name does not resolve`);
  if (code === '') throw error;
  return new Broken(`${shown} cannot be reached: ${message}`);
}
