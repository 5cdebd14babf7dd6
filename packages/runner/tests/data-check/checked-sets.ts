import path from 'node:path';
import { tmpdir } from 'node:os';
import { defineDataset, z, type Dataset, type DatasetDefinition, type DatasetImage } from '@farout/core';
import { checkData } from '../../src/data-check/check-data.ts';
import type { CheckedSet, Finding, SetRole } from '../../src/data-check/findings.ts';
import { CountingProgress, part } from '../fixtures/tiny.ts';
import { picture, write } from './pictures.ts';

/** Where pictures are, two of which are there again, and files that are none. */
export const folder = path.join(tmpdir(), `farout-data-check-${process.pid}`);

/** Writes them. */
export function writePictures(): void {
  write(folder, Object.fromEntries(Array.from({ length: 8 }, (_, seed) => [`${seed}.png`, picture(seed)])));
  write(folder, {
    'copy of 0.png': picture(0),
    'half of 1.png': picture(1, 32),
    'cut short.png': picture(9).slice(0, 300),
    'empty.png': new Uint8Array(),
    'text.png': Buffer.from('no picture'),
    'blank.png': new Uint8Array(picture(0).length),
  });
}

/** Images in the folder, with their labels. */
export const images = (names: readonly (string | readonly [string, number])[]): DatasetImage[] =>
  names.map((given) => {
    const [name, label] = typeof given === 'string' ? [given] : given;
    return { id: name, path: path.join(folder, name), ...(label !== undefined && { label }) };
  });

/** A dataset that opens so. */
export const opening = (open: DatasetDefinition['open'], survey?: DatasetDefinition['survey']) =>
  part(defineDataset({ name: 'some', params: z.object({}), open, ...(survey && { survey }) }));

/** A set of these images. */
export const listing = (
  name: string,
  role: SetRole | undefined,
  names: Parameters<typeof images>[0],
  more: Partial<Dataset> = {},
): CheckedSet => ({
  name,
  roles: role ? [role] : [],
  part: opening(() => Promise.resolve({ images: images(names), ...more })),
});

/** Checks these sets; what is missing is to be pulled. */
export const check = (sets: readonly CheckedSet[], classes?: number, signal = new AbortController().signal) =>
  checkData(sets, classes, {
    progress: new CountingProgress(),
    signal,
    howToGet: (missing) => `Pull ${path.basename(missing)}.`,
  });

/** What tells findings apart. */
export const told = ({ dataset, kind, severity, where }: Finding) => [dataset, kind, severity, where];
