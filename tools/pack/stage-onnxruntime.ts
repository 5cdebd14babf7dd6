import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { provenance } from './stage-package.ts';

/** The name of the published onnxruntime package. */
export const onnxruntimeName = '@farout/onnxruntime';

/**
 * Copies the installed onnxruntime-node into a package without its install script.
 *
 * The script downloads CUDA libraries on Linux x64, and if the download fails, so does the installation of every dependent. npm cannot mark a script
 * as allowed to fail: an optional dependency is removed when its script fails. So the binaries are published without the install script. The script
 * file is kept: users with an NVIDIA card run it by hand.
 *
 * @param from the folder of onnxruntime-node
 * @param to a folder that does not exist yet
 * @param here whether to include only this machine's platform: a fifth of the bytes
 * @param repository the address of our repository, from which the copy is published
 */
export function stageOnnxruntime(from: string, to: string, here: boolean, repository?: string): void {
  const filter = (file: string) => !fetched.test(file) && !(here && isOfOthers(path.relative(from, file)));
  cpSync(from, to, { recursive: true, filter });
  for (const file of ['README.md', 'LICENSE']) cpSync(beside(file), path.join(to, file));
  const original = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as Record<string, unknown>;
  const manifest = {
    ...original,
    name: onnxruntimeName,
    description: 'onnxruntime-node without its install script',
    scripts: undefined,
    devDependencies: undefined,
    repository: undefined,
    ...provenance(repository, 'runtime'),
  };
  writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The files downloaded by the script, if it was run: several hundred megabytes. */
const fetched = /libonnxruntime_providers_\w+\.so$/;

/** Whether a file of onnxruntime-node belongs to another platform. */
function isOfOthers(file: string): boolean {
  const [, , platform, architecture] = file.startsWith('bin') ? file.split(path.sep) : [];
  if (platform === undefined) return false;
  return platform !== process.platform || (architecture !== undefined && architecture !== process.arch);
}

const beside = (file: string) => fileURLToPath(new URL(`onnxruntime/${file}`, import.meta.url));
