import { FaroutError } from '@farout/core';
import type { OnnxModel } from '@farout/onnx';
import type { Dimension, Tensor } from '@farout/tensor';
import { Obstacle } from './affine.ts';
import { readClassifier, type Classifier } from './classifier.ts';
import { OutputReader } from './read-output.ts';

/** The experiment's choice: the output, and the tensor that its head reads. */
export interface Wanted {
  readonly output: string | undefined;
  readonly features: string | undefined;
}

/** A network applied to `batch` images: all its tensors by name. */
export interface Traced {
  readonly model: OnnxModel;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly batch: Dimension;
}

/** A classifier, and notes for the user about how it was interpreted. */
export interface Chosen extends Classifier {
  readonly notes: readonly string[];
}

/** An output as it was interpreted, or why it cannot be scored. */
interface Candidate {
  readonly name: string;
  readonly tensor: Tensor;
  readonly found: Classifier | string;
}

interface Scorable extends Candidate {
  readonly found: Classifier;
}

/**
 * Chooses the output of a network to score: the named one, or the only possible one. The logits, the probabilities and the label of the
 * same head count as one output. Outputs on the path to the features, or computed from the logits, do not count separately.
 *
 * @throws FaroutError OOD_ONNX_REFUSED
 */
export function chooseOutput(traced: Traced, { output, features }: Wanted): Chosen {
  const all = candidatesOf(traced);
  const asked = output === undefined ? all : all.filter(({ name }) => name === output);
  if (asked.length === 0) throw unknownOutput(output!, all);
  const scorable = asked.filter(isScorable);
  if (scorable.length === 0) throw noClassifier(asked, all);
  const reading = features === undefined ? scorable : readingFeatures(scorable, features, traced.tensors);
  const chosen = reading.reduce((best, each) => (rank(each) < rank(best) ? each : best));
  const others = (features === undefined ? asked : reading).filter((each) => !isAlike(each, chosen));
  const rivals = others.filter((each) => isRival(each, chosen));
  if (rivals.length > 0) throw ambiguous([chosen, ...rivals], all);
  return { ...chosen.found, notes: notesOf(chosen, output === undefined ? others : []) };
}

function candidatesOf({ model, tensors, batch }: Traced): Candidate[] {
  const reader = new OutputReader(model, tensors, batch);
  return model.outputs.flatMap(({ name }) => {
    const tensor = tensors.get(name);
    return tensor
      ? [{ name, tensor, found: fromImage(tensor) ? read(reader, name) : 'does not depend on the image' }]
      : [];
  });
}

function read(reader: OutputReader, name: string): Classifier | string {
  try {
    return readClassifier(reader, name);
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    const { node, message } = error;
    return node === undefined ? message : `comes from ${node}${message && `: ${message}`}`;
  }
}

const isScorable = (each: Candidate): each is Scorable => typeof each.found !== 'string';

/** Logits contain more information than probabilities, and probabilities more than a label. */
const order = ['logits', 'log-softmax', 'softmax', 'label'];
const rank = ({ found }: Scorable) => order.indexOf(found.output.of);

const isAlike = (each: Candidate, { found: chosen }: Scorable) =>
  isScorable(each) &&
  each.found.features === chosen.features &&
  (['weight', 'bias'] as const).every((part) => {
    const [a, b] = [each.found[part].data, chosen[part].data];
    return a.length === b.length && a.every((value, i) => value === b[i]);
  });

/** Outputs that can be scored, and others that are unrelated to the chosen one, neither before nor after it. */
const isRival = (each: Candidate, { found }: Scorable) =>
  isScorable(each) ||
  (fromImage(each.tensor) && !behind(found.features).has(each.tensor) && !behind(each.tensor).has(found.logits));

/** All tensors that a tensor depends on, including itself. */
function behind(tensor: Tensor): ReadonlySet<Tensor> {
  const reached = new Set([tensor]);
  for (const { origin } of reached) {
    if (origin.kind === 'result') reached.add(origin.of);
    if (origin.kind === 'operation') for (const operand of origin.inputs) reached.add(operand);
  }
  return reached;
}

/** Whether a tensor depends on the network's input. */
export const fromImage = (tensor: Tensor): boolean => [...behind(tensor)].some(({ origin }) => origin.kind === 'input');

function readingFeatures(
  scorable: readonly Scorable[],
  wanted: string,
  tensors: Traced['tensors'],
): readonly Scorable[] {
  const reading = scorable.filter(({ found }) => found.features === tensors.get(wanted));
  if (reading.length > 0) return reading;
  throw new FaroutError('OOD_ONNX_REFUSED', `"${wanted}" is not the input of a last linear layer`, {
    fix: 'Remove "features", or name the input of the last layer of an output.',
    choices: { title: 'Inputs of last layers', names: scorable.map(({ found }) => found.featuresName) },
  });
}

const choicesOf = (outputs: readonly Candidate[]) => ({
  title: 'Outputs',
  names: outputs.filter(isScorable).map(({ name }) => name),
});

const unknownOutput = (wanted: string, all: readonly Candidate[]) =>
  new FaroutError('OOD_ONNX_REFUSED', `it has no output "${wanted}"`, {
    fix: 'Set "output" to one of its outputs.',
    choices: choicesOf(all),
  });

const described = ({ name, found }: Candidate) =>
  `"${name}" ${typeof found === 'string' ? found : `has ${found.weight.shape[0]!} classes`}`;

const noClassifier = (asked: readonly Candidate[], all: readonly Candidate[]) =>
  new FaroutError(
    'OOD_ONNX_REFUSED',
    `none of its outputs is the logits of a last linear layer: ${asked.map(described).join('; ')}`,
    {
      fix: 'Export the classifier only up to its last linear layer, with constant weights. For an image encoder, set "head" to the file of its head.',
      ...(all.some(isScorable) && { choices: choicesOf(all) }),
    },
  );

const ambiguous = (rivals: readonly Candidate[], all: readonly Candidate[]) =>
  new FaroutError('OOD_ONNX_REFUSED', `it has several possible outputs: ${rivals.map(described).join('; ')}`, {
    fix: `Choose the one to score, for example "output: ${choicesOf(all).names[0]!}".`,
    choices: choicesOf(all),
  });

function notesOf({ name, found }: Scorable, others: readonly Candidate[]): readonly string[] {
  const left = others.map((each) => `"${each.name}"`).join(', ');
  const notes = {
    [`The output "${name}" is scored; ${left} ${others.length > 1 ? 'are' : 'is'} not.`]: others.length > 0,
    [`The output "${name}" is one number z for each image: it is scored as two classes, 0 and 1, with the logits 0 and z.`]:
      found.binary,
    [`The output "${name}" is only a label: the logits that it was chosen from are scored.`]:
      found.output.of === 'label',
  };
  return Object.entries(notes).flatMap(([note, holds]) => (holds ? [note] : []));
}
