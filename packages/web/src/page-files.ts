// `@farout/web/page-files`: for Node.
import { readdir, readFile } from 'node:fs/promises';
import { FaroutError } from '@farout/core/errors';

/** The name of the detector file next to the page. */
export const detectorName = 'detector.onnx';

const assets = new URL('../assets/', import.meta.url);

/**
 * The files of the page, by name. To publish the page, put a detector file next to them on a static file server.
 *
 * @throws FaroutError OOD_MISSING_FILE in a clone of the repository whose page has not been built.
 */
export async function pageFiles(): Promise<Readonly<Record<string, Uint8Array>>> {
  const names = await readdir(assets).catch((cause: unknown) => {
    throw new FaroutError('OOD_MISSING_FILE', 'the page has not been built', { fix: 'Build it: npm run page.', cause });
  });
  // Names that start with a dot are still being written.
  const whole = names.filter((name) => !name.startsWith('.'));
  return Object.fromEntries(
    await Promise.all(whole.map(async (name) => [name, await readFile(new URL(name, assets))] as const)),
  );
}
