import path from 'node:path';
import envPaths from 'env-paths';

/** farout's folder of the user's cache, or the folder that FAROUT_CACHE names. What lies there may be deleted at any time. */
export const cacheFolder = (): string =>
  process.env.FAROUT_CACHE ? path.resolve(process.env.FAROUT_CACHE) : envPaths('farout', { suffix: '' }).cache;

/** Where what the manifests of a plugin name is kept, by the plugin's name, which may be any text. */
export function pulledFolder(plugin: string): string {
  const steps = plugin.split('/').map((step) => step.replace(/[^\w@.+-]/g, '_').replace(/^\.+/, '_'));
  return path.join(cacheFolder(), 'pulled', ...steps);
}
