import { lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, schemaOf } from '@farout/core';
import { demo, demoWeights } from '@farout/demo';
import { partsOf, type NewPackage, type NewPart, type PackageFiles } from './new-package.ts';
import { manifest, pluginModule, readme, trialExperiment } from './templates.ts';

/** All files of a new package. Writes nothing. */
export async function packageFiles(wanted: NewPackage): Promise<PackageFiles> {
  const parts = partsOf(wanted);
  const files: Record<string, string | Uint8Array> = {
    '.gitignore': 'node_modules/\ndist/\nruns/\n',
    'README.md': readme(wanted, parts),
    'experiment.yaml': trialExperiment(wanted, parts),
    'package.json': manifest(wanted, parts),
    [`src/index.${wanted.language}`]: pluginModule(wanted, parts),
  };
  for (const part of parts) Object.assign(files, await partFiles(part, wanted), await sampleFiles(part));
  if (wanted.language === 'js') return files;
  for (const file of ['tsconfig.json', 'tsconfig.build.json']) {
    files[file] = await readFile(template(`typescript/${file}`), 'utf8');
  }
  return files;
}

/** The source and the test of a part: its kind's template, renamed to the part. */
async function partFiles({ kind, name }: NewPart, { language }: NewPackage): Promise<PackageFiles> {
  const written = async (file: string) => {
    const text = await readFile(template(`${kind}/${file}`), 'utf8');
    const named = text.replaceAll(`my-${kind}`, name);
    return language === 'ts' ? named : toJavaScript(named);
  };
  return {
    [`src/${name}.${language}`]: await written(`src/my-${kind}.ts`),
    [`tests/${name}.test.${language}`]: await written(`tests/my-${kind}.test.ts`),
  };
}

/** The few type annotations that templates use; a test compares the result with a compiler's. */
const types = [
  /\??: (?:Tensor|StateDict|Seen|string|number)(?:\[\])?(?=[,)])/g, // on parameters
  /, type \w+(?=[ ,])/g, // in imports
  /^import type .*/gm, // leaves empty lines, so that line numbers agree
];

/** A template as JavaScript: without types, importing .js files, and using Node's own test runner. */
export const toJavaScript = (text: string): string =>
  types
    .reduce((left, type) => left.replace(type, ''), text)
    .replace(/(from '\.[^']*)\.ts'/g, "$1.js'")
    .replace("from 'vitest'", "from 'node:test'");

/** What a part needs besides its code to be tried out: weights for a backbone, images for a dataset. */
export async function sampleFiles({ kind, name }: NewPart): Promise<PackageFiles> {
  if (kind === 'backbone') return { [`weights/${name}.pth`]: await readFile(demoWeights) };
  return kind === 'dataset' ? await images() : {};
}

/** One image of each class of the demonstration's network, named as the dataset's template expects. */
async function images(): Promise<PackageFiles> {
  const [drawn] = demo.datasets!;
  const { images } = await drawn!.open(schemaOf(drawn!).parse({ set: 'objects', count: 12, seed: 3 }));
  const files: Record<string, Uint8Array> = {};
  for (const image of images) {
    if (!('read' in image)) continue;
    const shape = image.id.replace(/^\d+-/, '');
    files[`images/${String(image.label).padStart(2, '0')}_${shape}.png`] = (await image.read()) as Uint8Array;
  }
  return files;
}

/** The URL of a file in `templates/`, which is next to `src` as well as `dist`. */
export const template = (file: string): URL => new URL(`../../templates/${file}`, import.meta.url);

/**
 * Writes files into a new folder, atomically: first into a temporary folder beside it, which is then renamed. `shown`
 * names the folder in messages, and `option` the command-line option that sets it.
 *
 * @throws FaroutError OOD_BAD_COMMAND if the name already exists, OOD_MISSING_FILE if the folder cannot be written there.
 */
export async function writeFolder(folder: string, shown: string, files: PackageFiles, option = '--to'): Promise<void> {
  if (await lstat(folder).catch(() => undefined)) throw isThere(shown, option);
  let workplace: string | undefined;
  try {
    workplace = await mkdtemp(path.join(path.dirname(folder), '.farout-new-'));
    // One level below, because mkdtemp's own folder is closed to other users.
    const whole = path.join(workplace, 'package');
    await writeAll(whole, files);
    await rename(whole, folder);
  } catch (cause) {
    throw couldNot(cause as NodeJS.ErrnoException, shown, option);
  } finally {
    // Leftovers do no harm, and must not hide why the folder could not be written.
    if (workplace) await rm(workplace, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeAll(folder: string, files: PackageFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

const isThere = (shown: string, option: string) =>
  new FaroutError('OOD_BAD_COMMAND', `${shown} already exists`, { fix: `Choose another folder with ${option}.` });

/** Someone else may have created it first. */
const couldNot = (cause: NodeJS.ErrnoException, shown: string, option: string) =>
  ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(String(cause.code))
    ? isThere(shown, option)
    : new FaroutError('OOD_MISSING_FILE', `${shown} cannot be written (${String(cause.code)})`, {
        fix: `With ${option}, choose a folder whose parent exists and is writable.`,
        cause,
      });
