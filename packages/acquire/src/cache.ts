import path from 'node:path';
import envPaths from 'env-paths';

/** farout's folder in the user's cache, or the folder in FAROUT_CACHE. Its content may be deleted at any time. */
export const cacheFolder = (): string =>
  process.env.FAROUT_CACHE ? path.resolve(process.env.FAROUT_CACHE) : envPaths('farout', { suffix: '' }).cache;

/** The cache folder for files from a plugin's manifests. The plugin's name may be any text. */
export function pulledFolder(plugin: string): string {
  const steps = plugin.split('/').map((step) => step.replace(/[^\w@.+-]/g, '_').replace(/^\.+/, '_'));
  return path.join(cacheFolder(), 'pulled', ...steps);
}
