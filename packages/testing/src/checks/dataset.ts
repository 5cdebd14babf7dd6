import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { types } from 'node:util';
import type { DatasetDefinition, DatasetImage, ImageSource } from '@farout/core';
import { parametersClosed, parametersRefused, type Configured } from '../parameters.ts';
import type { Check } from '../test-runner.ts';

/** A dataset under test, with the parameters it is tested with. */
interface DatasetSubject extends Configured {
  readonly definition: DatasetDefinition;
}

/** The host refuses a dataset without images, and without them nothing below would be tested. */
export const hasImages: Check<DatasetSubject> = {
  title: 'lists images',
  run: async (subject) => {
    assert.ok((await imagesOf(subject)).length > 0, `${subject.definition.name} lists no image`);
  },
};

/** Scores, captions and messages find an image by its id. */
export const idsUnique: Check<DatasetSubject> = {
  title: 'calls every image by an id of its own',
  run: async (subject) => {
    const ids = new Set<unknown>();
    for (const { id } of await imagesOf(subject)) {
      assert.ok(typeof id === 'string' && id !== '', `an id is ${JSON.stringify(id)}`);
      assert.ok(!ids.has(id), `two images are called "${id}"`);
      ids.add(id);
    }
  },
};

/** What a fit set's labels are kept in: 32 bits, signed. */
const largestLabel = 2 ** 31 - 1;

/** A label counts classes from 0 on; one that is not known is absent, not −1. */
export const labelsAreClasses: Check<DatasetSubject> = {
  title: 'labels images with classes 0, 1, … or not at all',
  run: async (subject) => {
    for (const { id, label } of await imagesOf(subject)) {
      const isClass = label === undefined || (Number.isInteger(label) && label >= 0 && label <= largestLabel);
      assert.ok(isClass, `the label of "${id}" is ${String(label)}`);
    }
  },
};

/** An image is a file, or it has a version by which its bytes are known again; the host can do nothing with another. */
export const fileOrSource: Check<DatasetSubject> = {
  title: 'gives every image a path, or a version and read()',
  run: async (subject) => {
    for (const { id, ...members } of await imagesOf(subject)) {
      const image: Readonly<Record<string, unknown>> = members;
      const isFile = typeof image.path === 'string';
      const isSource = typeof image.version === 'string' && image.version !== '' && typeof image.read === 'function';
      assert.ok(isFile !== isSource, `"${id}" has ${Object.keys(image).join(', ') || 'nothing but its id'}`);
    }
  },
};

/** A path goes to another process as it is, whose folder is not this one's. */
export const pathsExist: Check<DatasetSubject> = {
  title: 'names files that exist by absolute paths',
  run: async (subject) => {
    for (const image of await imagesOf(subject)) {
      if (!('path' in image)) continue;
      assert.ok(isAbsolute(image.path), `the path of "${image.id}" is relative: ${image.path}`);
      const isFile = await stat(image.path).then(
        (found) => found.isFile(),
        () => false,
      );
      assert.ok(isFile, `the path of "${image.id}" is no file: ${image.path}`);
    }
  },
};

/** What an earlier run stored is found again by the order of the images. */
export const opensAlike: Check<DatasetSubject> = {
  title: 'lists the same images in the same order when it is opened again',
  run: async (subject) => {
    const first = await imagesOf(subject);
    assert.deepEqual((await imagesOf(subject)).map(listing), first.map(listing));
  },
};

const listing = ({ id, label, ...image }: DatasetImage) => ({
  id,
  label,
  path: 'path' in image ? image.path : undefined,
});

/** A version that changes while the bytes do not makes every run read and compute everything again. */
export const versionsStable: Check<DatasetSubject> = {
  title: 'gives the images the same versions when it is opened again',
  run: async (subject) => {
    const versions = async () => sourcesOf(await imagesOf(subject)).map(({ version }) => version);
    assert.deepEqual(await versions(), await versions());
  },
};

/** A decoder gets bytes: not text, not a promise of a stream, and not none. */
export const readsBytes: Check<DatasetSubject> = {
  title: 'reads every image as bytes',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const bytes: unknown = await read();
      assert.ok(types.isUint8Array(bytes), `read() of "${id}" gives no Uint8Array`);
      assert.ok(bytes.length > 0, `read() of "${id}" gives no bytes`);
    }
  },
};

/** An image is read once for its features and again for what looks at the image itself. */
export const readTwiceIsOnce: Check<DatasetSubject> = {
  title: 'reads the same bytes of an image twice',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const [first, second] = [Buffer.from(await read()), Buffer.from(await read())];
      assert.ok(first.equals(second), `the second read() of "${id}" gives other bytes`);
    }
  },
};

/** What was computed is found again by the version alone: a version that two contents share gives one the other's scores. */
export const versionNamesBytes: Check<DatasetSubject> = {
  title: 'gives other bytes another version',
  run: async (subject) => {
    const known = new Map<string, Buffer>();
    for (const { id, version, read } of sourcesOf([...(await imagesOf(subject)), ...(await imagesOf(subject))])) {
      const bytes = Buffer.from(await read());
      assert.ok(
        known.get(version)?.equals(bytes) ?? true,
        `other bytes than those of "${id}" have its version, ${version}`,
      );
      known.set(version, bytes);
    }
  },
};

/** The contract of a dataset. */
export const datasetChecks: readonly Check<DatasetSubject>[] = [
  parametersRefused,
  parametersClosed,
  hasImages,
  idsUnique,
  labelsAreClasses,
  fileOrSource,
  pathsExist,
  opensAlike,
  versionsStable,
  readsBytes,
  readTwiceIsOnce,
  versionNamesBytes,
];

/** Its images, listed anew. */
const imagesOf = async ({ definition, params }: DatasetSubject): Promise<readonly DatasetImage[]> =>
  (await definition.open(params)).images;

/** Those that are read in the main process. */
const sourcesOf = (images: readonly DatasetImage[]): ImageSource[] =>
  images.filter((image): image is ImageSource => 'read' in image);
