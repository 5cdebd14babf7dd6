import type { Storage, StorageDefinition } from './contracts/storage.ts';
import { FaroutError } from './errors/farout-error.ts';

/** An entry that was listed is not there any more, or has become another. */
export class EntryGone extends Error {
  override readonly name = 'EntryGone';
}

/** How this process comes to the storages that plugins bring, by scheme. The host says so; a worker loads a plugin when it meets the scheme. */
const served = new Map<string, () => Promise<StorageDefinition>>();

/** Those that are open, by address. */
const opened = new Map<string, Storage>();

/** From now on, addresses of a scheme are opened so in this process. */
export function serveStorage(scheme: string, load: () => Promise<StorageDefinition>): void {
  served.set(scheme, load);
  for (const address of opened.keys()) if (schemeOf(address) === scheme) opened.delete(address);
}

/** The schemes whose addresses can be opened in this process. */
export const servedSchemes = (): readonly string[] => [...served.keys()].sort();

/** The scheme of an address that is not of the web: `s3` of `s3://bucket/folder`; undefined for paths, http and https. */
export function schemeOf(text: unknown): string | undefined {
  const [, scheme] = /^([a-z][a-z\d+.-]+):\/\//i.exec(typeof text === 'string' ? text : '') ?? [];
  return scheme === undefined || /^https?$/i.test(scheme) ? undefined : scheme.toLowerCase();
}

/**
 * The storage below an address.
 *
 * @throws FaroutError OOD_UNKNOWN_SCHEME when no plugin serves its scheme; OOD_BAD_PARAMETER when it can lead nowhere.
 */
export async function storageAt(address: string): Promise<Storage> {
  const known = opened.get(address);
  if (known) return known;
  const scheme = schemeOf(address) ?? '';
  const load = served.get(scheme);
  if (!load)
    throw new FaroutError('OOD_UNKNOWN_SCHEME', `no plugin supports ${scheme}:// addresses`, {
      fix: 'Name the plugin that provides it in "plugins", or use a folder on this machine.',
      choices: { title: 'Available schemes', names: servedSchemes() },
    });
  const storage = (await load()).open(address);
  opened.set(address, storage);
  return storage;
}

/** The storage that an entry lies in, by the entry's own address, and its key there. */
export async function storedAt(address: string): Promise<{ readonly storage: Storage; readonly key: string }> {
  const [, root = address, path = ''] = /^([^:]+:\/\/[^/]+)\/(.*)$/s.exec(address) ?? [];
  return { storage: await storageAt(root), key: decodeURIComponent(path) };
}

/** The address of an entry below that of a storage, with all in it escaped that would mean something else there. */
export function addressOfEntry(storage: string, key: string): string {
  const base = storage.replace(/\/*$/, '');
  return `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
