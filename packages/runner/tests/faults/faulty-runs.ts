// What the processes of systematic.test.ts have in common: the loaded failing-fs.mjs, and a tiny experiment to run under it.
import path from 'node:path';
import { defineHook, defineScorer, FaroutError, learnsFrom, z, type DatasetImage } from '@farout/core';
import { runExperiment } from '../../src/run-experiment.ts';
import { CountingProgress, detector, firstFeature, part, silent, tinyExperiment } from '../fixtures/tiny.ts';

/** A call that is to fail: the n-th of an operation on files below the roots, or all from the n-th on. Without one, calls are counted. */
export interface Fault {
  readonly roots: readonly string[];
  readonly op?: string;
  readonly n?: number;
  readonly code?: string;
  readonly from?: boolean;
  /** A file that is told of each call. */
  readonly log?: string;
}

export const shim = (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('farout.failing-fs')] as {
  readonly arm: (fault: Fault) => void;
  readonly armChildren: (fault: Fault) => void;
  readonly disarm: () => Record<string, number>;
};

const shifted = defineHook({
  name: 'shifted',
  params: z.object({ by: z.number() }),
  fit: ({ by }) =>
    learnsFrom(['features'], async (rows) => {
      let sum = 0;
      for await (const { features } of rows) sum += features.data.reduce((all, value) => all + value, 0);
      return { by: { data: Float32Array.of(sum * by, by, 0), shape: [3] } };
    }),
  sections: [
    {
      of: 'detector',
      title: 'By other numbers',
      blocks: async (_, { with: other }) => {
        const measured = [await other?.({ by: 1 }), await other?.({ by: 2 })];
        return [{ text: JSON.stringify(measured) }];
      },
    },
    { of: 'part', title: 'Of the part', blocks: (_, { learnt }) => [{ text: String(learnt.by!.data[1]) }] },
  ],
  features: (h, _, { learnt }) => h.add(learnt.by!),
});
const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

/** Runs of an experiment over a few images, from a folder's `store` into its `run`. */
export class FaultyRuns {
  readonly #folder: string;
  readonly #images: { readonly id: readonly DatasetImage[]; readonly ood: readonly DatasetImage[] };

  constructor(folder: string, id: readonly DatasetImage[], ood: readonly DatasetImage[]) {
    this.#folder = folder;
    this.#images = { id, ood };
  }

  /** `by` decides what its hook learns. */
  async run(name: string, by: number): Promise<void> {
    const learning = detector('Shifted', firstFeature, [part(shifted, { by } as never)]);
    const parts = { ...this.#images, detectors: [detector('Max', maxLogit), learning] };
    const experiment = tinyExperiment(parts, path.join(this.#folder, 'store'));
    await runExperiment(
      { ...experiment, name, resolved: { name } },
      {
        out: path.join(this.#folder, 'run'),
        logger: silent,
        progress: new CountingProgress(),
        reporters: [{ file: 'page.html', render: (results) => results.name }],
      },
    );
  }

  /** How a run ends under what is armed: its code, or that it is done. */
  async outcome(name: string, by: number): Promise<string> {
    try {
      await this.run(name, by);
      return 'done';
    } catch (error) {
      return error instanceof FaroutError ? error.code : `no code: ${String((error as Error).stack)}`;
    } finally {
      shim.disarm();
    }
  }
}
