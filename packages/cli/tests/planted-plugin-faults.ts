import type { ErrorCode } from '@farout/core';

/** A plugin with one fault, and what must become of it. What is called "faulty" gets a name of its own in each. */
export interface PlantedFault {
  readonly title: string;
  /** The module's text, without the imports that all have. */
  readonly plugin: string;
  /** What the message must hold besides the name of the plugin, detector, dataset or metric. */
  readonly says: string;
  readonly code: ErrorCode;
}

const scorer = (members: string) =>
  `export default definePlugin({ name: 'faulty', scorers: [{ name: 'faulty', params: z.object({}), ${members} }] });`;
const scoringRows = (score: string) => scorer(`rows: () => scoresFrom(['logits'], () => ${score})`);
const learning = (learn: string) =>
  scorer(`fit: () => learnsFrom(['features'], ${learn}), score: ({ logits }) => logits.max()`);
const dataset = (images: string) =>
  `export default definePlugin({ name: 'faulty', datasets: [{ name: 'faulty', params: z.object({}), open: async () => (${images}) }] });`;
const metric = (value: string) =>
  `export default definePlugin({ name: 'faulty', metrics: [{ name: 'faulty', better: 'higher', value: ${value} }] });`;

/** What is found when the plugin is loaded: nothing runs, and the message names the plugin's file. */
export const loadFaults: readonly PlantedFault[] = [
  {
    title: 'throws while it is loaded',
    plugin: `throw new Error('no licence');`,
    says: 'failed to load: no licence',
    code: 'OOD_PLUGIN_FAILED',
  },
  {
    title: 'throws what is no error',
    plugin: `throw undefined;`,
    says: 'failed to load: undefined',
    code: 'OOD_PLUGIN_FAILED',
  },
  {
    title: 'is no JavaScript',
    plugin: `export default definePlugin({ name: 'faulty', scorers: [ );`,
    says: 'failed to load: ',
    code: 'OOD_PLUGIN_FAILED',
  },
  {
    title: 'lacks a package that it imports',
    plugin: `import 'a-package-that-is-missing'; export default definePlugin({ name: 'faulty' });`,
    says: 'a-package-that-is-missing',
    code: 'OOD_PLUGIN_FAILED',
  },
  {
    title: 'never ends to load',
    plugin: `await new Promise(() => {}); export default definePlugin({ name: 'faulty' });`,
    says: 'failed to load: its promise never settles',
    code: 'OOD_PLUGIN_FAILED',
  },
  {
    title: 'exports a plain object',
    plugin: `export default { name: 'faulty', scorers: [] };`,
    says: 'exports no plugin',
    code: 'OOD_PLUGIN_INVALID',
  },
  {
    title: 'has a member that no plugin has',
    plugin: `export default definePlugin({ name: 'faulty', scorer: [] });`,
    says: 'has an unknown member "scorer". Did you mean "scorers"?',
    code: 'OOD_PLUGIN_INVALID',
  },
  {
    title: 'brings a hook as a scorer',
    plugin: scorer('features: (h) => h'),
    says: 'scorers "faulty" needs either score or rows',
    code: 'OOD_PLUGIN_INVALID',
  },
  {
    title: 'has parameters that are no zod object',
    plugin: `export default definePlugin({ name: 'faulty', scorers: [{ name: 'faulty', params: { k: 1 }, rows: () => 0 }] });`,
    says: 'scorers "faulty" params must be a schema made by z.object',
    code: 'OOD_PLUGIN_INVALID',
  },
  {
    title: 'brings a name that is taken',
    plugin: scorer('rows: () => 0').replaceAll(`name: 'faulty', params`, `name: 'energy', params`),
    says: 'both provide a scorer "energy"',
    code: 'OOD_PLUGIN_CLASH',
  },
];

/** What makes a request impossible that was right until its dataset was opened. */
export const datasetFaults: readonly PlantedFault[] = [
  {
    title: 'lists two images by one name',
    plugin: dataset(`{ images: [1, 2].map(() => ({ id: 'a', version: '1', read: async () => new Uint8Array() })) }`),
    says: 'two images called "a"',
  },
  {
    title: 'gives a path that is not absolute',
    plugin: dataset(`{ images: [{ id: 'a', path: 'images/a.png' }] }`),
    says: 'image "a" a path that is not absolute: "images/a.png"',
  },
  {
    title: 'gives an image without a path or a way to read it',
    plugin: dataset(`{ images: [{ id: 'a', version: '1' }] }`),
    says: 'image "a" no path, address, pixels, read() or row',
  },
  {
    title: 'labels an image with a word',
    plugin: dataset(`{ images: [{ id: 'a', label: 'cat', path: '/a.png' }] }`),
    says: 'image "a" the label "cat"',
  },
  {
    title: 'lists nothing that is a list',
    plugin: dataset(`undefined`),
    says: 'does not return a list of images',
  },
  {
    title: 'throws while it is opened',
    plugin: dataset(`(() => { throw new Error('no network'); })()`),
    says: 'no network',
  },
].map((fault): PlantedFault => ({ ...fault, code: 'OOD_DATASET_INVALID' }));

/** What costs one detector, and no other. */
export const detectorFaults: readonly PlantedFault[] = [
  {
    title: 'scores NaN',
    plugin: scoringRows('({ logits }) => new Float32Array(logits.shape[0]).fill(NaN, 3)'),
    says: 'returned NaN for the image "0003-',
    code: 'OOD_SCORE_INVALID',
  },
  {
    title: 'scores fewer images than there are',
    plugin: scoringRows('() => new Float32Array(1)'),
    says: 'returned 1 scores for 40 images',
    code: 'OOD_SCORE_INVALID',
  },
  {
    title: 'gives a list where an array belongs',
    plugin: scoringRows('({ logits }) => Array(logits.shape[0]).fill(0)'),
    says: 'returned a list for 40 images',
    code: 'OOD_SCORE_INVALID',
  },
  {
    title: 'gives a score for each class',
    plugin: scorer('score: ({ logits }) => logits.softmax()'),
    says: 'scorer "faulty" returns float32 (N, 12), expected float32 (N)',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'gives a number where a tensor belongs',
    plugin: scorer('score: () => 0'),
    says: 'scorer "faulty" returns no tensor, expected float32 (N)',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'adds shapes that do not fit',
    plugin: scorer('score: ({ logits, features }) => logits.add(features).max()'),
    says: 'Add: shapes (N, 12) and (N, 96) do not broadcast',
    code: 'OOD_SHAPE',
  },
  {
    title: 'throws what is no error',
    plugin: scoringRows(`() => { throw 'a word'; }`),
    says: 'a word',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'rejects while it scores',
    plugin: scoringRows(`async () => { await null; throw new Error('no luck'); }`),
    says: 'no luck',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'rejects while it learns',
    plugin: learning(`async (rows) => { for await (const batch of rows) throw new Error('no luck'); }`),
    says: 'no luck',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'learns from what never comes',
    plugin: learning('() => new Promise(() => {})'),
    says: 'its promise never settles',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'learns what is no array',
    plugin: learning(`async () => ({ tree: { left: 1 } })`),
    says: '"faulty" learnt "tree", which is not a typed array with its shape',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'learns an array that does not fill its shape',
    plugin: learning(`async () => ({ mean: { data: new Float32Array(3), shape: [2] } })`),
    says: '"faulty" learnt "mean", whose 3 elements do not fill the shape (2)',
    code: 'OOD_DETECTOR_FAILED',
  },
  {
    title: 'learns nothing though it has a fit',
    plugin: learning(`async () => undefined`),
    says: '"faulty" learnt no record of arrays',
    code: 'OOD_DETECTOR_FAILED',
  },
];

/** What costs one metric, and no other. */
export const metricFaults: readonly PlantedFault[] = [
  { title: 'throws', plugin: metric(`() => { throw new Error('no idea'); }`), says: 'no idea' },
  { title: 'gives NaN', plugin: metric(`() => NaN`), says: 'returned NaN, expected a finite number' },
].map((fault): PlantedFault => ({ ...fault, code: 'OOD_METRIC_FAILED' }));
