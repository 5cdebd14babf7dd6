import { loadCatalogue, type Catalogue } from '@farout/runner';
import { builtIns } from './built-ins.ts';
import { userFolder } from './user-folder.ts';

/**
 * The built-in parts, and those of the plugins that the command line names: packages, or files relative to the user's
 * folder.
 */
export const catalogueWith = (plugins: readonly string[]): Promise<Catalogue> =>
  loadCatalogue({ builtIns, plugins: plugins.map((specifier) => ({ specifier, folder: userFolder() })) });
