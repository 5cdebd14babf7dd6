import type { HookDefinition, Learnt } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { assertClose } from './assertions.ts';
import {
  acceptedParameters,
  assertRefused,
  usualParameters,
  type Configured,
  type Parameters,
  type RefusalCase,
} from './parameters.ts';
import { fitRows, rowsOf, sampleOf, type HeadArrays, type Sample } from './sample.ts';
import { registerTests, testsOf, type Check, type TestFunctions } from './test-runner.ts';

/** What scorers and hooks have in common. */
type PartDefinition = Pick<HookDefinition, 'name' | 'params' | 'fit'>;

/** A scorer or a hook under test, with the parameters it is tested with. */
export interface Subject extends Configured {
  readonly definition: PartDefinition;
  /** What it makes of a sample: a scorer's scores (N), or the logits (N, K) of a network with the hook. */
  readonly compute: (sample: Sample, learnt: Learnt) => Promise<NDArray>;
}

/** What the part learns from a sample that comes in batches of `batchSize` images; {} when there is nothing to learn. */
export async function learn({ definition, params }: Subject, sample: Sample, batchSize = 5): Promise<Learnt> {
  const fit = definition.fit?.(params);
  return fit ? fit.learn(fitRows(sample, fit.reads, batchSize), params) : {};
}

/** What testScorer and testHook share: a test per case, and one per clause of the contract. */
export function testPart<S extends Subject>(
  definition: PartDefinition,
  subject: (params: Parameters) => S,
  checks: readonly Check<S>[],
  cases: readonly (NumbersCase | RefusalCase)[],
  functions: TestFunctions | undefined,
): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runCase(definition, subject, given) }));
  const usual = subject(usualParameters(definition, cases));
  registerTests(definition.name, [...ofCases, ...testsOf(checks, () => usual)], functions);
}

/** Rows of numbers as a test writes them. */
export type Matrix = readonly (readonly number[])[];

/** A last linear layer as a test writes it: weight (K, D), bias (K). */
export interface CaseHead {
  readonly weight: Matrix;
  readonly bias: readonly number[];
}

/** The fit set of a case: features (rows, D), and classes where the part reads them. Its logits are those of the case's head. */
export interface CaseFit {
  readonly features: Matrix;
  readonly labels?: readonly number[];
}

/** What every case of numbers has. */
export interface CaseBase {
  /** A sentence: what this case shows. */
  readonly title: string;
  readonly params?: Parameters;
  /** What the part learns from, where these parameters leave something to learn. */
  readonly fit?: CaseFit;
}

/** A case as it is run: what the network gives, and what the part must make of it, row after row. */
interface NumbersCase extends CaseBase {
  readonly features: Matrix;
  /** Without a head, logits = features. */
  readonly head?: CaseHead | undefined;
  readonly expected: readonly number[];
}

/** Runs a case; rejects with an AssertionError when the part does something else. */
async function runCase(
  definition: PartDefinition,
  subject: (params: Parameters) => Subject,
  given: NumbersCase | RefusalCase,
): Promise<void> {
  if ('refused' in given) {
    assertRefused(definition, given);
    return;
  }
  const part = subject(acceptedParameters(definition, given.params));
  const learnt = await learnFromCase(part, given);
  const result = await part.compute(caseSample(given.features, given.head), learnt);
  assertClose(result.data, given.expected, given.title);
}

async function learnFromCase(part: Subject, { title, fit, head }: NumbersCase): Promise<Learnt> {
  const reads = part.definition.fit?.(part.params)?.reads;
  if (!reads) return {};
  if (!fit)
    throw new TypeError(`the case "${title}" needs a fit set: ${part.definition.name} learns with its parameters`);
  if (reads.includes('labels') && !fit.labels) throw new TypeError(`the case "${title}" needs labels in its fit set`);
  return learn(part, caseSample(fit.features, head, fit.labels));
}

const caseSample = (features: Matrix, head: CaseHead | undefined, labels: readonly number[] = []): Sample => {
  const rows = rowsOf(features);
  return sampleOf(rows, headOf(head ?? identity(rows.shape[1])), Int32Array.from(labels));
};

const headOf = ({ weight, bias }: CaseHead): HeadArrays => ({
  weight: rowsOf(weight),
  bias: { data: Float32Array.from(bias), shape: [bias.length] },
});

const identity = (width: number): CaseHead => ({
  weight: Array.from({ length: width }, (_, row) =>
    Array.from({ length: width }, (_, column) => Number(row === column)),
  ),
  bias: new Array<number>(width).fill(0),
});
