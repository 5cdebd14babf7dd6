import type { HookDefinition, NDArray, ScorerDefinition } from '@farout/core';
import { assertClose } from './assertions.ts';
import { hookChecks, hookSubject } from './checks/hook.ts';
import { scorerChecks, scorerSubject } from './checks/scorer.ts';
import { learn, stepsOf, type Fitted, type PartDefinition, type Subject } from './learning.ts';
import { acceptedParameters, assertRefused, usualParameters, type Parameters, type RefusalCase } from './parameters.ts';
import { rowsOf, sampleOf, type HeadArrays, type Sample } from './sample.ts';
import { registerTests, testsOf, type Check, type TestFunctions } from './test-runner.ts';

/** The scorer's input: logits alone, or features (rows, D) and the head that turns them into logits; without a head, the features are the logits. */
export type ScorerInput = { readonly logits: Matrix } | { readonly features: Matrix; readonly head?: CaseHead };

/** Rows and the expected score per row; or parameters that must be rejected. */
export type ScorerCase = (CaseBase & ScorerInput & { readonly scores: readonly number[] }) | RefusalCase;

/** Options for testing a part, and the runner's `describe` and `it` if they are not global. */
export interface PartOptions extends Partial<TestFunctions> {
  /** The parameters for the general checks, if the defaults need more than the kit's 36 images in 6 classes. */
  readonly params?: Parameters;
  /** Set if a hook is discontinuous at so many feature values that finite differences cannot show its derivative, which is then not checked. */
  readonly jumps?: boolean;
  /** Why the part has no confident image in the kit's network; it then need not score one above a flat image. */
  readonly noSureImage?: string;
}

/**
 * Tests a scorer: every case (scores to 10⁻⁶, relative above 1), and the contract: the defaults are enough to create it; wrong and unknown
 * parameters are rejected by name; the input is not changed; a batch gives the same scores as its rows one by one; calling it twice gives
 * the same; logits of ±10⁴ give finite scores; fitting twice, or on a stream, gives the same arrays as fitting once on the whole; there is
 * one float32 score per image; a confident in-distribution image scores above a flat one; a file over stored features gives the same
 * scores; and the gradient is correct.
 *
 * Registers its tests with the given `describe` and `it`, by default the global ones.
 */
export const testScorer = (scorer: ScorerDefinition, cases: readonly ScorerCase[], options: PartOptions = {}): void =>
  testPart(
    scorer,
    (params) => scorerSubject(scorer, params, options),
    scorerChecks,
    cases.map((given) => {
      if ('refused' in given) return given;
      const input = 'logits' in given ? { features: given.logits } : { features: given.features, head: given.head };
      return { ...given, ...input, expected: given.scores };
    }),
    options,
  );

/**
 * A network's features (rows, D) and head, and the expected logits of the hooked network, (rows, K). Without a head the logits are the
 * hooked features.
 */
export interface HookedCase extends CaseBase {
  readonly features: Matrix;
  readonly head?: CaseHead;
  readonly logits: Matrix;
}

/** Input and expected output, or parameters that must be rejected. */
export type HookCase = HookedCase | RefusalCase;

/**
 * Tests a hook: every case (logits to 10⁻⁶, relative above 1), and the contract: the defaults are enough to create it; wrong and unknown
 * parameters are rejected by name; the input is not changed; a batch gives the same as its rows one by one; calling it twice gives the
 * same; logits of ±10⁴ stay finite; fitting twice, or on a stream, gives the same arrays as fitting once on the whole; the shapes of
 * features, head and logits stay the same; a file over stored features gives the same; and the gradient is correct.
 *
 * Registers its tests with the given `describe` and `it`, by default the global ones.
 */
export const testHook = (hook: HookDefinition, cases: readonly HookCase[], options: PartOptions = {}): void =>
  testPart(
    hook,
    (params) => hookSubject(hook, params, options),
    hookChecks,
    cases.map((given) => ('refused' in given ? given : { ...given, expected: given.logits.flat() })),
    options,
  );

/** Rows of numbers as a test writes them. */
export type Matrix = readonly (readonly number[])[];

/** A last linear layer as a test writes it: weight (K, D), bias (K). */
export interface CaseHead {
  readonly weight: Matrix;
  readonly bias: readonly number[];
  /** Whether it first divides features by their length. */
  readonly normalise?: boolean;
}

/** The common part of all cases with numbers. */
export interface CaseBase {
  /** A sentence that says what this case shows. */
  readonly title: string;
  readonly params?: Parameters;
  /** The fit set, if the part learns with these parameters. */
  readonly fit?: CaseFit;
  /** The part's readings of the same images, as stored; by default they are computed from images that show the features. */
  readonly readings?: CaseReadings;
}

/** Readings by name: a row of numbers per image, or one number per image. */
export type CaseReadings = Readonly<Record<string, Matrix | readonly number[]>>;

/** The fit set of a case: features (rows, D), and classes if the part reads them. The logits come from the case's head. */
export interface CaseFit {
  readonly features: Matrix;
  readonly labels?: readonly number[];
  readonly readings?: CaseReadings;
  /** The images of the set that a step learns against, if any. */
  readonly against?: CaseSet;
  /** The images of other sets that steps learn from, if any. */
  readonly sets?: Readonly<Record<string, CaseSet>>;
}

/** Images of another set. */
type CaseSet = Omit<CaseFit, 'against' | 'sets'>;

/** The common part of testScorer and testHook: a test per case, and one per clause of the contract. */
function testPart<S extends Subject>(
  definition: PartDefinition,
  subject: (params: Parameters) => S,
  checks: readonly Check<S>[],
  cases: readonly (NumbersCase | RefusalCase)[],
  options: PartOptions,
): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runCase(definition, subject, given) }));
  const usual = subject(
    options.params ? acceptedParameters(definition, options.params) : usualParameters(definition, cases),
  );
  registerTests(definition.name, [...ofCases, ...testsOf(checks, () => usual)], options);
}

/** A case as it is run: the network's results, and the expected result of the part, row by row. */
interface NumbersCase extends CaseBase {
  readonly features: Matrix;
  /** Without a head, logits = features. */
  readonly head?: CaseHead | undefined;
  readonly expected: readonly number[];
}

/** Runs a case; rejects with an AssertionError if the result differs. */
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
  const fitted = await learnFromCase(part, given);
  const result = await part.compute(caseSample(given, given.head), fitted);
  assertClose(result.data, given.expected, given.title);
}

async function learnFromCase(part: Subject, { title, fit, features, head }: NumbersCase): Promise<Fitted> {
  const reads = stepsOf(part).flatMap((step) => step.reads);
  if (stepsOf(part).length === 0) return learn(part, caseSample({ features }, head));
  if (!fit)
    throw new TypeError(`the case "${title}" needs a fit set: ${part.definition.name} learns with its parameters`);
  if (reads.includes('labels') && !fit.labels) throw new TypeError(`the case "${title}" needs labels in its fit set`);
  if (!fit.against && stepsOf(part).some(({ against }) => against !== undefined))
    throw new TypeError(`the case "${title}" needs images in its fit set that it learns against`);
  const lacking = stepsOf(part).find(({ set }) => set !== undefined && !fit.sets?.[set]);
  if (lacking)
    throw new TypeError(`the case "${title}" needs the images of "${lacking.set!}" in the sets of its fit set`);
  return learn(part, caseSample(fit, head));
}

function caseSample({ features, labels, readings, against, sets = {} }: CaseFit, head: CaseHead | undefined): Sample {
  const rows = rowsOf(features);
  const known = labels ?? features.map(() => 0);
  return {
    ...sampleOf(rows, headOf(head ?? identity(rows.shape[1])), Int32Array.from(known)),
    ...(readings && { readings: arraysOf(readings) }),
    ...(against && { against: caseSample(against, head) }),
    sets: Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, caseSample(set, head)])),
  };
}

const arraysOf = (readings: CaseReadings): Readonly<Record<string, NDArray>> =>
  Object.fromEntries(Object.entries(readings).map(([name, numbers]) => [name, readingOf(numbers)]));

const readingOf = (numbers: Matrix | readonly number[]): NDArray =>
  isMatrix(numbers) ? rowsOf(numbers) : { data: Float32Array.from(numbers), shape: [numbers.length] };

const isMatrix = (numbers: Matrix | readonly number[]): numbers is Matrix => typeof numbers[0] !== 'number';

const headOf = ({ weight, bias, normalise = false }: CaseHead): HeadArrays => ({
  weight: rowsOf(weight),
  bias: { data: Float32Array.from(bias), shape: [bias.length] },
  ...(normalise && { normalise }),
});

const identity = (width: number): CaseHead => ({
  weight: Array.from({ length: width }, (_, row) =>
    Array.from({ length: width }, (_, column) => Number(row === column)),
  ),
  bias: new Array<number>(width).fill(0),
});
