import assert from 'node:assert/strict';
import { isDeepStrictEqual, types } from 'node:util';
import type { Learnt } from '@farout/core';
import { assertClose } from '../assertions.ts';
import { heldBytes, measuresMemory } from '../garbage.ts';
import { learn, stepsOf, type Learning, type Subject } from '../learning.ts';
import { generatedSample, type Sample } from '../sample.ts';
import { inBatches, repeated, watchedBatches, writeOver } from '../streams.ts';
import type { Check } from '../test-runner.ts';

const fits = (subject: Subject) => stepsOf(subject).length > 0 || 'it learns nothing';

const learns = (subject: Subject): true | string => {
  const steps = stepsOf(subject);
  return steps.length > 0 && steps.every(({ keeps }) => keeps) ? 'it only remembers images' : fits(subject);
};

/** What was learnt is stored and read by the next run; only numeric arrays with a shape survive that. */
export const learntIsArrays: Check<Subject> = {
  title: 'learns arrays of numbers that fill their shapes, and nothing else',
  applies: learns,
  run: async (subject) => {
    const { learnt } = await learn(subject, generatedSample());
    for (const [name, { data, shape }] of Object.entries(learnt)) {
      assert.ok(isArray(data), `"${name}" has no data in float32, float64, int32, int64 or uint8`);
      const size = shape.reduce((product, each) => product * each, 1);
      assert.equal(data.length, size, `"${name}" has another number of elements than its shape (${shape.join(', ')})`);
    }
  },
};

const isArray = (data: unknown) =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

/** Learning must start fresh every time: the definition must not keep anything from an earlier fit. */
export const fitTwiceIsOnce: Check<Subject> = {
  title: 'learns the same when it is fitted twice',
  applies: fits,
  run: async (subject) => {
    const first = await outcome(subject);
    assert.deepEqual(await outcome(subject), first);
  },
};

/** What is learnt must depend on the images, not on the batch size. */
export const fitStreams: Check<Subject> = {
  title: 'learns from a stream of batches what it learns from one batch',
  applies: fits,
  run: async (subject) => {
    const whole = await outcome(subject, { cut: inBatches(generatedSample().labels.length) });
    assertAlike(await outcome(subject, { cut: inBatches(7) }), whole, 'from batches and from the whole');
  },
};

/** A batch belongs to the host, which may reuse its memory for the next one: anything kept must be copied. */
export const batchesReused: Check<Subject> = {
  title: 'does not keep batches that it has read',
  applies: fits,
  run: async (subject) => {
    const kept = await repeatable(() => outcome(subject, { cut: inBatches(7) }));
    const reused = { cut: watchedBatches(7, writeOver) };
    if (kept) assertAlike(await outcome(subject, reused), kept, 'when batches are reused');
  },
};

/** What a part learns, and what it then computes for images, which shows what it remembers and prepares. */
async function outcome(subject: Subject, learning: Learning = {}): Promise<Learnt> {
  const fitted = await learn(subject, generatedSample(), learning);
  return { ...fitted.learnt, [made]: await subject.compute(generatedSample(), fitted) };
}

const made = 'what it makes of images';

/** A result that is reproducible; undefined if two calls differ, which another clause reports. */
async function repeatable<T>(make: () => Promise<T>): Promise<T | undefined> {
  const [first, second] = [await make(), await make()];
  return isDeepStrictEqual(first, second) ? first : undefined;
}

function assertAlike(found: Learnt, expected: Learnt, what: string): void {
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    assert.deepEqual(found[name]!.shape, shape, `the shape of "${name}" ${what}`);
    assertClose(found[name]!.data, data, `"${name}" ${what}`);
  }
}

/** Batches of 900 images: 36,000 images, and 288,000. */
const [few, many] = [40, 320];
const copies = 25;

/** Half the size of one float32 per image. */
const bytesPerImage = 2;

/** A fit set may not fit into memory: a part that keeps something of every image fails at a million. */
export const fitMemory: Check<Subject> = {
  title: 'holds no more memory after eight times as many images',
  applies: (subject) => (measuresMemory ? learns(subject) : 'this runtime does not say what memory is held'),
  run: async (subject) => {
    const sample = generatedSample();
    // The first use loads and compiles what is kept from then on.
    await learn(subject, sample);
    const small = await heldBy(subject, sample, few);
    const large = await heldBy(subject, sample, many);
    const grown = (large - small) / ((many - few) * copies * sample.labels.length);
    assert.ok(grown < bytesPerImage, `it holds ${grown.toFixed(1)} bytes more for each image more that it learns from`);
  },
};

/** The number of bytes held at the end of the pass that holds the most, over the given number of batches. */
async function heldBy(subject: Subject, sample: Sample, batches: number): Promise<number> {
  let most = 0;
  const atEnd = async () => {
    most = Math.max(most, await heldBytes());
  };
  await learn(subject, sample, { cut: repeated(copies, batches, atEnd) });
  return most;
}

/** A run is reproduced by its seed alone: random draws must depend on it, and nothing else may. */
export const seedDecides: Check<Subject> = {
  title: 'gives different numbers with a different seed if it declares draws, and otherwise does not read the seed',
  applies: (subject) => stepsOf(subject).length > 0 || subject.scores !== undefined || 'it never sees the seed',
  run: async (subject) => {
    const first = await repeatable(() => outcome(subject, { seed: 1 }));
    if (!first) return;
    const second = await outcome(subject, { seed: 2 });
    if (subject.definition.draws) assert.notDeepEqual(second, first, 'seeds 1 and 2 give the same numbers');
    else
      assert.deepEqual(
        second,
        first,
        'two runs give different numbers: what is drawn is drawn by the seed, with draws: true',
      );
  },
};

/** The clauses about learning. */
export const fitChecks: readonly Check<Subject>[] = [
  learntIsArrays,
  fitTwiceIsOnce,
  fitStreams,
  batchesReused,
  fitMemory,
  seedDecides,
];
