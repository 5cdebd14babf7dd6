import { stat } from 'node:fs/promises';
import path from 'node:path';
import { averageOfSets, FaroutError, printable } from '@farout/core';
import { adviceOnPath } from '@farout/runner';
import { exitCodes } from '../command.ts';
import { invocation, userFolder } from '../invocation.ts';
import { userPath } from '../option-values.ts';
import { writeNew } from '../write-new.ts';

/** Arguments of `farout init`. */
interface InitRequest {
  readonly images: string;
  readonly ood: string[];
  readonly weights?: string | undefined;
  readonly to: string;
}

/**
 * `farout init`: writes an experiment for the user's folders and prints what to do with it.
 *
 * @throws FaroutError OOD_MISSING_FILE if a folder or the classifier does not exist, OOD_BAD_COMMAND if the file already exists.
 */
export async function init({ images, ood, weights, to }: InitRequest): Promise<number> {
  const cwd = userFolder();
  const file = userPath('to', to);
  const beside = (given: string) => path.relative(path.dirname(file), path.resolve(cwd, given)) || '.';
  for (const folder of [images, ...ood]) await mustBe('folder', folder, path.resolve(cwd, folder));
  if (weights !== undefined) await mustBe('file', weights, path.resolve(cwd, weights));
  const text = firstExperiment({
    name: path.basename(file).replace(/\.ya?ml$/, ''),
    images: beside(images),
    ood: ood.map(beside),
    weights: weights === undefined ? undefined : beside(weights),
  });
  await writeNew(file, to, text);
  const shown = printable(to);
  const next = [
    ...(weights === undefined ? [`${invocation} pull ${shown}    loads the weights of the network, once`] : []),
    `${invocation} check ${shown}   finds every mistake, reads at most two images of each set`,
    `${invocation} run ${shown}`,
  ];
  process.stdout.write(`Wrote ${shown}. Next:\n\n${next.map((line) => `  ${line}\n`).join('')}`);
  return exitCodes.done;
}

async function mustBe(kind: 'file' | 'folder', given: string, absolute: string): Promise<void> {
  const stats = await stat(absolute).catch(() => undefined);
  if (kind === 'folder' ? stats?.isDirectory() : stats?.isFile()) return;
  const fix = (await adviceOnPath(given, userFolder())) ?? `Name a ${kind} that exists.`;
  throw new FaroutError('OOD_MISSING_FILE', `there is no ${kind} ${given}`, { fix });
}

/** The contents of a first experiment; paths are relative to its file. */
interface FirstExperiment {
  readonly name: string;
  readonly images: string;
  readonly ood: readonly string[];
  /** An ONNX file; default: torchvision's MobileNet-v2. */
  readonly weights: string | undefined;
}

/** A commented experiment, as YAML. */
export function firstExperiment({ name, images, ood, weights }: FirstExperiment): string {
  const id = setName(images, ood.length > 0 ? [] : Object.keys(drawnSets));
  const sets = ood.length > 0 ? namedFolders(ood, [id]) : drawnSets;
  const fit = setName(`fit-${id}`, [id, ...Object.keys(sets)]);
  const datasets = Object.entries(sets).map(([set, part]) => `  ${quoted(set)}: ${part}`);
  return `# yaml-language-server: $schema=experiment.schema.json
# The line above lets editors complete and explain this file, once "${invocation} schema" has written experiment.schema.json beside it.
name: ${quoted(name)} # the run is written to runs/<name>
seed: 0

# The classifier. resize, crop, mean and std must be those of its training.
backbone:
${backbone(weights)}

datasets:
  # Images of what the classifier knows (ID, in distribution). With class folders in the order of the classes: labels: folders.
  # One half is tested, and detectors learn from the other: best replace that by a folder of other images that it knows.
  ${quoted(id)}: { image-folder: { root: ${quoted(images)}, split: { every: 2, offset: 0 } } }
  ${quoted(fit)}: { image-folder: { root: ${quoted(images)}, split: { every: 2, offset: 1 } } }
  # Images of something else (OOD, out of distribution).
${datasets.join('\n')}
id: ${quoted(id)}
fit: ${quoted(fit)} # what detectors learn from
ood: [${Object.keys(sets).map(quoted).join(', ')}]

# A detector is a scorer, or hooks with a scorer last. "${invocation} list scorers" shows all, with their parameters.
detectors:
  MSP: msp # largest softmax probability
  Energy: energy
  ReAct: [react: { percentile: 90 }, energy] # clips the features at their 90th percentile first
  # ODIN: { odin: { temperature: 1000, magnitude: 0.005 } } # looks at every image once more
metrics: [fpr95, auroc]
`;
}

const backbone = (weights: string | undefined) =>
  weights === undefined
    ? `  mobilenet-v2: # with its published weights, 14 MB; "weights: <file>" takes others
    resize: 256
    crop: 224`
    : `  onnx:
    weights: ${quoted(weights)}
    resize: 256
    crop: 224
    mean: [0.485, 0.456, 0.406]
    std: [0.229, 0.224, 0.225]`;

/** Used if the user names no OOD images. */
const drawnSets = {
  noise: '{ demo-images: { set: noise, count: 200, seed: 3 } } # drawn by farout; name your own folders instead',
  textures: '{ demo-images: { set: textures, count: 200, seed: 3 } }',
};

/** Folders by their last names. */
function namedFolders(folders: readonly string[], taken: readonly string[]): Record<string, string> {
  const sets: Record<string, string> = {};
  for (const folder of folders) {
    sets[setName(folder, [...taken, ...Object.keys(sets)])] = `{ image-folder: { root: ${quoted(folder)} } }`;
  }
  return sets;
}

/** A folder's last name. A name that is taken, or is not valid, gets a number. */
function setName(folder: string, taken: readonly string[]): string {
  const name = path.basename(folder).replace(/^\.*$/, 'images');
  const isTaken = (tried: string) => [averageOfSets, ...taken].includes(tried);
  let free = name;
  for (let count = 2; isTaken(free); count++) free = `${name}-${count}`;
  return free;
}

/** Unquoted if YAML reads it as the same text, otherwise quoted as JSON, which is also YAML. */
const quoted = (text: string) =>
  /^([A-Za-z_]|\.{1,2}\/)[\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
