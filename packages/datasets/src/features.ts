import { arrayNames, openArray } from '@farout/checkpoints';
import { defineDataset, FaroutError, filePath, z, type ImageRow } from '@farout/core';
import { limit } from './limit.ts';

/**
 * Images of which only the numbers are there that a network made of them: features h, (rows, D), labels, and maps or other arrays by
 * name, for the backbone `features`. Detectors find an array called `layer4` as the tap of that name.
 *
 * .npy files hold one array each; of .npz and safetensors the arrays called `features` and `labels` are taken, and of the file of the
 * features all others too. An image is called by the number of its row. A label of −1 means unknown.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when a file is damaged; OOD_DATASET_INVALID when labels are no classes, or rows are asked for that
 *   the file does not have.
 */
export const features = defineDataset({
  name: 'features',
  about: { summary: 'Features that were made elsewhere, in .npy, .npz or safetensors, for the backbone "features".' },
  params: z.object({
    file: filePath().describe('features (rows, D): .npy; or .npz or safetensors with an array "features"'),
    labels: filePath()
      .optional()
      .describe('classes (rows): .npy, or a file with an array "labels"; `file` when it has one'),
    arrays: z
      .record(z.string(), filePath())
      .default({})
      .describe('further arrays by name, such as layer4: layer4.npy, (rows, …); each a tap for detectors'),
    from: z.int().min(0).default(0).describe('the first row, counted from 0'),
    limit: limit(),
  }),
  open: async ({ file, labels, arrays, from, limit }) => {
    const names = await arrayNames(file);
    const own = names.filter((name) => name !== 'labels' && name !== 'features');
    const opened = new Map([['features', await openArray(file, 'features')]]);
    for (const name of own) opened.set(name, await openArray(file, name));
    for (const [name, path] of Object.entries(arrays)) opened.set(name, await openArray(path, name));
    const labelled = labels ?? (names.includes('labels') ? file : undefined);
    const count = opened.get('features')!.shape[0]!;
    if (from >= count)
      throw new FaroutError('OOD_DATASET_INVALID', `row ${from} is beyond the ${count} rows of ${file}`);
    const wanted = Math.min(limit ?? Infinity, count - from);
    const classes = labelled === undefined ? undefined : await classesOf(labelled, count);
    const images = Array.from({ length: wanted }, (_, at): ImageRow => {
      const row = from + at;
      const label = classes?.[row] ?? -1;
      return { id: String(row), row, ...(label >= 0 && { label }) };
    });
    // Each a property of its own, also one that is called __proto__.
    return { images, arrays: Object.fromEntries(opened) };
  },
});

async function classesOf(path: string, count: number): Promise<readonly number[]> {
  const array = await openArray(path, 'labels');
  const { data } = await array.read(0, array.shape[0]!);
  const classes = Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = classes.find((label) => !Number.isInteger(label) || label < -1);
  if (classes.length === count && wrong === undefined) return classes;
  const what = wrong === undefined ? `${classes.length} labels for ${count} rows` : `the label ${wrong}`;
  throw new FaroutError('OOD_DATASET_INVALID', `${path} has ${what}`, {
    fix: 'Give each row a class, 0 or more, or -1 if it is unknown.',
  });
}
