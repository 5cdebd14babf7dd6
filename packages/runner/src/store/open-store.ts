import { schemeOf, storageAt, tokens, type Store } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import { FileStore, storeFolder } from './store.ts';

/**
 * Opens the store of an experiment: one provided by a plugin, one at the address that the experiment names, or a folder.
 *
 * @throws FaroutError OOD_UNKNOWN_SCHEME, OOD_BAD_PARAMETER, and whatever a plugin throws.
 */
export async function openStore({ store, services }: Pick<Experiment, 'store' | 'services'>): Promise<Store> {
  const create = services.get(tokens.store);
  if (create) return (await create()) as Store;
  return store !== undefined && schemeOf(store) !== undefined
    ? storageAt(store)
    : new FileStore(storeFolder({ store }));
}
