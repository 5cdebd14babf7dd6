import { createHash } from 'node:crypto';
import path from 'node:path';
import { cacheFolder } from '@farout/acquire/manifests';
import { isAddress } from '@farout/core';

/** Folder that caches files loaded from addresses. Its contents may be deleted at any time. */
const folder = (): string => path.join(cacheFolder(), 'addresses');

/** The only fragment an address may end in: the SHA-256 checksum of its file. */
const checksum = /^#sha256=[0-9a-f]{64}$/;

/** A file named by an experiment: its absolute path, and its address if it was named by one. */
export interface NamedFile {
  readonly absolute: string;
  readonly address?: string;
}

/**
 * Resolves the name of a file: a path relative to a folder, or an http(s) address. A file with a checksum is cached
 * under its checksum, so it is found whatever address it was loaded from; any other file is cached under its address.
 */
export function namedFile(text: string, relativeTo: string): NamedFile {
  if (!isAddress(text)) return { absolute: path.resolve(relativeTo, text) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const name = path.posix.basename(decoded(url?.pathname ?? '')).replace(/[^\w.+-]/g, '_') || 'file';
  const key = url?.hash ? url.hash.slice(1) : createHash('sha256').update(text).digest('hex');
  return { absolute: path.join(folder(), key.replace(/[^\w]/g, '-').slice(0, 80), name), address: text };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What is wrong with an address in an experiment; undefined if nothing is. The text of an experiment appears in
 * errors and is kept in results, so it must not contain secrets.
 */
export function faultOfAddress(text: string): { readonly fault: string; readonly fix: string } | undefined {
  const secret = 'Put a token into the environment variable FAROUT_TOKENS, as host=token.';
  if (!URL.canParse(text))
    return { fault: 'this is not a valid address', fix: 'Write https://, the host and the path.' };
  const { username, password, search, hash, host } = new URL(text);
  if (username !== '' || password !== '')
    return { fault: `an address of ${host} contains a user name or a password`, fix: `Remove it. ${secret}` };
  if (search !== '')
    return {
      fault: `an address of ${host} has a query, which would be stored with the results`,
      fix: `Remove it, or name the file in a manifest, datasets/<name>.yaml, whose addresses may have a query. ${secret}`,
    };
  if (hash !== '' && !checksum.test(hash))
    return {
      fault: `"${hash.slice(0, 20)}" at the end of an address is not a checksum`,
      fix: 'Write #sha256= and 64 hexadecimal digits, or nothing.',
    };
  return undefined;
}
