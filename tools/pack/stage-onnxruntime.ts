import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { provenance } from './stage-package.ts';

/** What the published package of onnxruntime is called. */
export const onnxruntimeName = '@farout/onnxruntime';

/**
 * Copies onnxruntime-node, as it is installed here, into a package without its install script.
 *
 * The script downloads CUDA libraries on Linux x64, and the installation of whatever depends on it fails where that
 * download does. npm has no way for a dependency to say that a script may fail: an optional one is removed when it does.
 * So the binaries are published without it. The script itself is kept: who has an NVIDIA card starts it by hand.
 *
 * @param from the folder of onnxruntime-node
 * @param to a folder that does not exist yet
 * @param here whether it is for this machine's platform alone: a fifth of the bytes
 * @param repository the address of our repository, from where the copy is published
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

/** What the script has fetched here, if it was started: several hundred megabytes. */
const fetched = /libonnxruntime_providers_\w+\.so$/;

/** Whether a file of onnxruntime-node lies in the binaries of another platform. */
function isOfOthers(file: string): boolean {
  const [, , platform, architecture] = file.startsWith('bin') ? file.split(path.sep) : [];
  if (platform === undefined) return false;
  return platform !== process.platform || (architecture !== undefined && architecture !== process.arch);
}

const beside = (file: string) => fileURLToPath(new URL(`onnxruntime/${file}`, import.meta.url));
