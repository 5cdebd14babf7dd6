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

/** How often to retry an address, and the waits in between, in ms. */
export interface Retries {
  /** Limit for consecutive attempts without progress. */
  readonly attempts: number;
  /** Limit for all attempts. */
  readonly inAll: number;
  /** The first wait. Each further wait is twice as long, and each is randomly shortened so that many machines do not retry at once. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** The longest wait that a server may request. */
  readonly longestRetryAfter: number;
}

/** Options of a download. */
export interface DownloadOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly patience?: Patience;
  readonly retries?: Retries;
  /** Called with the bytes received so far whenever there are more, and with the total size if it is known. */
  readonly reached?: (length: number, size?: number) => void;
}

/** A complete, verified file. */
export interface Downloaded extends Digests {
  /** The address it came from, as shown in messages; absent if the file already existed. */
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
 * Downloads a file to a path. Resumes an earlier attempt, however it was interrupted, tries one address after another, and verifies size and
 * checksums before the file gets its final name. If two processes download the same file, the second waits for the first.
 *
 * @throws FaroutError when no address provides the file, or a different file already exists at the path.
 */
export async function download(source: FileSource, target: string, options: DownloadOptions): Promise<Downloaded> {
  const { signal, logger } = options;
  // Before anything is requested or written.
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

/** The existing file; undefined if there is none. Does not block on pipes. */
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

/** The error to report for an address. Throws errors that no other address would fix. */
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

/** After this many restarts, every attempt requests the whole file. */
const mostRestarts = 3;

/** Requests an address until the file is complete and verified. */
async function fromAddress(source: FileSource, address: Address, part: Part, options: DownloadOptions): Promise<void> {
  const { retries = usualRetries, patience = usualPatience, env, signal, logger, reached = () => undefined } = options;
  // Without an ETag, bytes of an earlier attempt may belong to another version.
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

/** Whether only the rename is missing, for example because the process was killed at the end. */
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

/** Wraps an error that a retry may fix; throws all others. */
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
