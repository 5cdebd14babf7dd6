import type { Storage, StorageDefinition } from './contracts/storage.ts';
import { FaroutError } from './errors/farout-error.ts';

/** A listed entry no longer exists, or has changed. */
export class EntryGone extends Error {
  override readonly name = 'EntryGone';
}

/** How this process loads plugins' storages, by scheme. Set by the host; a worker loads a plugin when it encounters the scheme. */
const served = new Map<string, () => Promise<StorageDefinition>>();

/** Open storages, by address. */
const opened = new Map<string, Storage>();

/** Registers how this process opens addresses of a scheme. */
export function serveStorage(scheme: string, load: () => Promise<StorageDefinition>): void {
  served.set(scheme, load);
  for (const address of opened.keys()) if (schemeOf(address) === scheme) opened.delete(address);
}

/** The schemes that this process can open. */
export const servedSchemes = (): readonly string[] => [...served.keys()].sort();

/** The scheme of a storage address: `s3` for `s3://bucket/folder`; undefined for paths, http and https. */
export function schemeOf(text: unknown): string | undefined {
  const [, scheme] = /^([a-z][a-z\d+.-]+):\/\//i.exec(typeof text === 'string' ? text : '') ?? [];
  return scheme === undefined || /^https?$/i.test(scheme) ? undefined : scheme.toLowerCase();
}

/**
 * The storage below an address.
 *
 * @throws FaroutError OOD_UNKNOWN_SCHEME when no plugin serves its scheme; OOD_BAD_PARAMETER when the address is invalid.
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

/** The storage and the key of an entry, from the entry's address. */
export async function storedAt(address: string): Promise<{ readonly storage: Storage; readonly key: string }> {
  const [, root = address, path = ''] = /^([^:]+:\/\/[^/]+)\/(.*)$/s.exec(address) ?? [];
  return { storage: await storageAt(root), key: decodeURIComponent(path) };
}

/** The address of an entry below a storage's address, with special characters escaped. */
export function addressOfEntry(storage: string, key: string): string {
  const base = storage.replace(/\/*$/, '');
  return `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
