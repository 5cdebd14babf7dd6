import { experimentsIn, partKinds } from '@farout/runner';
import { catalogueWith } from './catalogue.ts';
import { newKinds as kinds } from './new/new-package.ts';
import { userFolder } from './user-folder.ts';

/** What `farout list` takes for a kind. */
export const partKindNames = (): readonly string[] => partKinds.map((kind) => `${kind}s`);

/** What `farout explain` can explain of the built-in parts. */
export async function partNames(): Promise<readonly string[]> {
  const catalogue = await catalogueWith([]);
  return partKinds.flatMap((kind) => catalogue.names(kind));
}

/** What `farout new` makes. */
export const newKinds = (): readonly string[] => kinds;

/** The YAML files where the user stands that look like experiments. */
export const experimentsHere = (): Promise<readonly string[]> => experimentsIn(userFolder());
