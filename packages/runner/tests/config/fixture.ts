import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  defineBackbone,
  defineDataset,
  defineHook,
  defineMetric,
  definePlugin,
  defineScorer,
  FaroutError,
  FaroutErrors,
  filePath,
  folderPath,
  imageParameters,
  z,
} from '@farout/core';
import { loadExperiment, type ExperimentRequest } from '../../src/config/load.ts';

const notRun = () => {
  throw new Error('loading an experiment runs none of its parts');
};

/** Parts like the built-in ones, as far as loading looks at them. */
export const builtIn = definePlugin({
  name: '@test/parts',
  manifests: new URL('./plugin/', import.meta.url),
  backbones: [
    defineBackbone({
      name: 'tiny',
      params: z.object({ weights: filePath().describe('the checkpoint'), ...imageParameters }),
      published: { parameter: 'weights', manifest: 'tiny' },
      open: notRun,
    }),
  ],
  hooks: [
    defineHook({
      name: 'react',
      params: z
        .object({ c: z.number().positive().optional(), percentile: z.number().min(0).max(100).optional() })
        .refine(({ c, percentile }) => c === undefined || percentile === undefined, {
          path: ['percentile'],
          error: 'c and percentile exclude each other',
        }),
      presets: { theirs: { percentile: { sweep: [85, 95] } }, sharp: { c: 1 } },
      fit: ({ c }) => (c === undefined ? { reads: ['features'], learn: notRun } : undefined),
      features: notRun,
    }),
  ],
  scorers: [
    defineScorer({
      name: 'energy',
      params: z.object({ temperature: z.number().positive().default(1).describe('T') }),
      score: notRun,
    }),
    defineScorer({ name: 'msp', params: z.object({}), score: notRun }),
  ],
  datasets: [
    defineDataset({
      name: 'image-folder',
      params: z.object({
        root: folderPath(),
        labels: z.enum(['none', 'folders']).default('none'),
        limit: z.int().min(1).optional(),
      }),
      open: notRun,
    }),
  ],
  metrics: [
    ...['fpr95', 'auroc'].map((name) => defineMetric({ name, better: 'higher', byDefault: true, value: notRun })),
    defineMetric({ name: 'precision', better: 'higher', dependsOnSizes: true, value: notRun }),
  ],
});

/** A whole, correct experiment. */
export const correct = `name: test
backbone:
  tiny: { weights: model.pth }
datasets:
  photographs:
    image-folder: { root: images/photographs }
  textures:
    image-folder: { root: images/textures }
  sun:
    image-folder: { root: images/sun }
id: photographs
fit: photographs
ood: [textures, sun]
detectors:
  Energy: energy
  ReAct: [react: { percentile: 90 }, energy]
metrics: [fpr95]
`;

/** A new temporary folder with these files, by relative path. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'farout-config-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return root;
}

/** What a correct experiment names. */
const surroundings = {
  'model.pth': '',
  'images/photographs/a.jpg': '',
  'images/textures/a.jpg': '',
  'images/sun/a.jpg': '',
};

/** A temporary folder with all that a correct experiment names, and this one as `experiment.yaml`. */
export const experimentFolder = (yaml: string | Uint8Array, files: Readonly<Record<string, string>> = {}): string =>
  folderOf({ ...surroundings, ...files, 'experiment.yaml': yaml });

/** Loads `experiment.yaml` of a folder, started in that folder. */
export const load = (folder: string, request: Partial<ExperimentRequest> = {}) =>
  loadExperiment({
    file: 'experiment.yaml',
    set: [],
    cwd: folder,
    env: {},
    builtIns: [{ plugin: builtIn, version: '1.2.3' }],
    ...request,
  });

/** What is wrong with an experiment, one error after the other. */
export async function mistakesIn(folder: string, request: Partial<ExperimentRequest> = {}): Promise<FaroutError[]> {
  try {
    await load(folder, request);
    return [];
  } catch (error) {
    if (error instanceof FaroutErrors) return error.errors;
    if (error instanceof FaroutError) return [error];
    throw error;
  }
}

/** The lines and columns that errors point at, with their codes. */
export const summary = (errors: readonly FaroutError[]) =>
  errors.map(({ code, place }) => `${place?.file ?? '?'}:${place?.line ?? '?'}:${place?.column ?? '?'} ${code}`);
