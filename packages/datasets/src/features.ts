import { arrayNames, openArray } from '@farout/checkpoints';
import { defineDataset, FaroutError, filePath, z, type ImageRow } from '@farout/core';
import { limit } from './limit.ts';

/**
 * Images for which only network outputs are stored, for the backbone `features`: features h, (rows, D), labels, and further arrays by
 * name, such as feature maps. Detectors use an array called `layer4` as the tap of that name.
 *
 * A .npy file holds one array. From .npz and safetensors the arrays `features` and `labels` are used, and all other arrays of the features
 * file become taps. An image id is its row number. A label of −1 means unknown.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when a file is damaged; OOD_DATASET_INVALID when labels are not classes, or requested rows are
 *   missing.
 */
export const features = defineDataset({
  name: 'features',
  about: { summary: 'Features computed elsewhere, in .npy, .npz or safetensors, for the backbone "features".' },
  params: z.object({
    file: filePath().describe('features (rows, D): .npy, or .npz or safetensors with an array "features"'),
    labels: filePath()
      .optional()
      .describe('classes (rows): .npy, or a file with an array "labels"; default: the labels in `file`, if it has any'),
    arrays: z
      .record(z.string(), filePath())
      .default({})
      .describe('further arrays by name, such as layer4: layer4.npy, (rows, …); each becomes a tap for detectors'),
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
    // fromEntries makes own properties, even for `__proto__`.
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
