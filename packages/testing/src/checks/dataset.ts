import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { types } from 'node:util';
import type { DatasetDefinition, DatasetImage, ImageAddress, ImageFile, ImageSource, RawPixels } from '@farout/core';
import { parametersClosed, parametersRefused, type Configured } from '../parameters.ts';
import type { Check } from '../test-runner.ts';

/** A dataset under test, with its parameters. */
interface DatasetSubject extends Configured {
  readonly definition: DatasetDefinition;
}

/** The host rejects a dataset without images, and without them nothing below would be tested. */
export const hasImages: Check<DatasetSubject> = {
  title: 'lists images',
  run: async (subject) => {
    assert.ok((await imagesOf(subject)).length > 0, `${subject.definition.name} lists no image`);
  },
};

/** Scores, captions and messages refer to an image by its id. */
export const idsUnique: Check<DatasetSubject> = {
  title: 'gives every image a unique id',
  run: async (subject) => {
    const ids = new Set<unknown>();
    for (const { id } of await imagesOf(subject)) {
      assert.ok(typeof id === 'string' && id !== '', `an id is ${JSON.stringify(id)}`);
      assert.ok(!ids.has(id), `two images are called "${id}"`);
      ids.add(id);
    }
  },
};

/** Labels of a fit set are stored as signed 32-bit integers. */
const largestLabel = 2 ** 31 - 1;

/** A label is a class index from 0; an unknown label is absent, not −1. */
export const labelsAreClasses: Check<DatasetSubject> = {
  title: 'labels images with classes 0, 1, … or not at all',
  run: async (subject) => {
    for (const { id, label } of await imagesOf(subject)) {
      const isClass = label === undefined || (Number.isInteger(label) && label >= 0 && label <= largestLabel);
      assert.ok(isClass, `the label of "${id}" is ${String(label)}`);
    }
  },
};

/** Images of one source are drawn together; an image without a source must omit it rather than give an empty name. */
export const groupsNamed: Check<DatasetSubject> = {
  title: 'names shared sources of images, if any, with non-empty strings',
  run: async (subject) => {
    for (const { id, group } of await imagesOf(subject)) {
      const isName = group === undefined || (typeof group === 'string' && group !== '');
      assert.ok(isName, `the group of "${id}" is ${JSON.stringify(group)}`);
    }
  },
};

/** An image must be specified in exactly one way; the host supports no others. */
export const oneKindEach: Check<DatasetSubject> = {
  title: 'gives every image a path, an address with a version, its pixels, or a version and read()',
  run: async (subject) => {
    for (const { id, ...members } of await imagesOf(subject)) {
      const image: Readonly<Record<string, unknown>> = members;
      const isVersioned = typeof image.version === 'string' && image.version !== '';
      const kinds = [
        typeof image.path === 'string',
        typeof image.url === 'string' && isVersioned,
        image.pixels !== undefined,
        typeof image.read === 'function' && isVersioned,
      ];
      assert.ok(
        kinds.filter((is) => is).length === 1,
        `"${id}" has ${Object.keys(image).join(', ') || 'nothing but its id'}`,
      );
    }
  },
};

/** Paths are passed unchanged to other processes, which may run in another folder. */
export const pathsExist: Check<DatasetSubject> = {
  title: 'uses absolute paths of existing files, and byte ranges within them',
  run: async (subject) => {
    for (const image of await imagesOf(subject)) {
      if (!('path' in image)) continue;
      assert.ok(isAbsolute(image.path), `the path of "${image.id}" is relative: ${image.path}`);
      const size = await stat(image.path).then(
        (found) => (found.isFile() ? found.size : undefined),
        () => undefined,
      );
      assert.ok(size !== undefined, `the path of "${image.id}" is no file: ${image.path}`);
      assertStretch(image, size);
    }
  },
};

/** URLs are not requested, so that tests do not need a network. */
export const addressesPlain: Check<DatasetSubject> = {
  title: 'uses http or https URLs, without a user name or password',
  run: async (subject) => {
    for (const image of await imagesOf(subject)) {
      if (!('url' in image)) continue;
      assert.ok(URL.canParse(image.url), `the address of "${image.id}" is none`);
      const { protocol, username, password } = new URL(image.url);
      assert.ok(/^https?:$/.test(protocol), `the address of "${image.id}" begins with ${protocol}`);
      assert.ok(username + password === '', `the address of "${image.id}" holds a user name or a password`);
      assertStretch(image, Number.MAX_SAFE_INTEGER);
    }
  },
};

function assertStretch({ id, offset = 0, length = 0 }: ImageFile | ImageAddress, size: number): void {
  for (const bytes of [offset, length]) {
    assert.ok(Number.isSafeInteger(bytes) && bytes >= 0, `a stretch is no number of bytes: that of "${id}"`);
  }
  assert.ok(offset + length <= size, `the stretch of "${id}" ends behind its file, at ${offset + length} of ${size}`);
}

/** What an earlier run stored is found by the order of the images. */
export const opensAlike: Check<DatasetSubject> = {
  title: 'lists the same images in the same order when opened again',
  run: async (subject) => {
    const first = await imagesOf(subject);
    assert.deepEqual((await imagesOf(subject)).map(listing), first.map(listing));
  },
};

/** A URL may be signed differently at every opening. */
const listing = ({ id, label, group, ...image }: DatasetImage) => ({
  id,
  label,
  group,
  path: 'path' in image ? image.path : undefined,
  stretch: 'path' in image || 'url' in image ? [image.offset, image.length] : undefined,
  pixels: 'pixels' in image ? image.pixels : undefined,
});

/** If a version changes although the bytes do not, every run reads and computes everything again. */
export const versionsStable: Check<DatasetSubject> = {
  title: 'gives the images the same versions when opened again',
  run: async (subject) => {
    const versions = async () =>
      (await imagesOf(subject)).map((image) => ('version' in image ? image.version : undefined));
    assert.deepEqual(await versions(), await versions());
  },
};

/** `read()` must return bytes for the decoder, or decoded pixels; not text, a stream, or nothing. */
export const readsBytes: Check<DatasetSubject> = {
  title: 'reads every image as bytes, or as pixels (H, W, 3)',
  run: async (subject) => {
    for (const image of await imagesOf(subject)) {
      if ('pixels' in image) assertPixels(image.id, image.pixels);
      if (!('read' in image)) continue;
      const read: unknown = await image.read();
      if (!types.isUint8Array(read)) assertPixels(image.id, read);
      else assert.ok(read.length > 0, `read() of "${image.id}" gives no bytes`);
    }
  },
};

function assertPixels(id: string, pixels: unknown): void {
  const { data, shape } = (pixels ?? {}) as Readonly<Record<string, unknown>>;
  assert.ok(types.isUint8Array(data) && Array.isArray(shape), `"${id}" gives neither a Uint8Array nor { data, shape }`);
  const [height, width, channels] = shape as number[];
  const isShape = shape.length === 3 && Number.isInteger(height) && Number.isInteger(width) && channels === 3;
  const isWhole = isShape && data.length > 0 && data.length === height! * width! * 3;
  assert.ok(isWhole, `"${id}" gives ${data.length} bytes for the shape (${shape.join(', ')})`);
}

/** An image is read once for its features, and again by parts that use the image itself. */
export const readTwiceIsOnce: Check<DatasetSubject> = {
  title: 'reads the same bytes of an image twice',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const [first, second] = [bytesOf(await read()), bytesOf(await read())];
      assert.ok(first.equals(second), `the second read() of "${id}" gives other bytes`);
    }
  },
};

/** Computed results are found by the version alone: if two contents share a version, one gets the other's scores. */
export const versionNamesBytes: Check<DatasetSubject> = {
  title: 'gives different bytes different versions',
  run: async (subject) => {
    const known = new Map<string, Buffer>();
    for (const { id, version, read } of sourcesOf([...(await imagesOf(subject)), ...(await imagesOf(subject))])) {
      const bytes = bytesOf(await read());
      assert.ok(
        known.get(version)?.equals(bytes) ?? true,
        `other bytes than those of "${id}" have its version, ${version}`,
      );
      known.set(version, bytes);
    }
  },
};

/** Copied, since a dataset may return the same array each time; pixels of another shape count as different. */
const bytesOf = (read: Uint8Array | RawPixels): Buffer =>
  typeof read === 'object' && 'shape' in read
    ? Buffer.concat([Buffer.from(`${read.shape.join(' ')}\n`), read.data])
    : Buffer.from(read);

/** Predicted classes are reported by these names, so every class needs one. */
export const classesNamed: Check<DatasetSubject> = {
  title: 'names each class of its labels, if it names classes',
  run: async ({ definition, params }) => {
    const { classes, images } = await definition.open(params);
    if (classes === undefined) return;
    assert.ok(Array.isArray(classes), 'classes is no list');
    for (const name of classes as unknown[]) {
      assert.ok(typeof name === 'string' && name !== '', `a class is called ${JSON.stringify(name)}`);
    }
    const unnamed = images.find(({ label }) => label !== undefined && label >= classes.length);
    assert.ok(!unnamed, `the class of "${unnamed?.id}" is ${unnamed?.label}, but ${classes.length} are named`);
  },
};

/** `farout data check` reads the survey's list instead of the list that runs read. */
export const surveyAgrees: Check<DatasetSubject> = {
  title: 'lists the same images in its survey, if it has one, and finds no error among them',
  run: async (subject) => {
    const survey = await subject.definition.survey?.(subject.params);
    if (!survey) return;
    assert.deepEqual(survey.images.map(listing), (await imagesOf(subject)).map(listing));
    const error = survey.faults.find(({ severity }) => severity === 'error');
    assert.ok(!error, `the survey finds an error: ${error?.where}: ${error?.what}`);
  },
};

/** The contract of a dataset. */
export const datasetChecks: readonly Check<DatasetSubject>[] = [
  parametersRefused,
  parametersClosed,
  hasImages,
  idsUnique,
  labelsAreClasses,
  groupsNamed,
  oneKindEach,
  pathsExist,
  addressesPlain,
  opensAlike,
  versionsStable,
  readsBytes,
  readTwiceIsOnce,
  versionNamesBytes,
  classesNamed,
  surveyAgrees,
];

/** Its images, from a new listing. */
const imagesOf = async ({ definition, params }: DatasetSubject): Promise<readonly DatasetImage[]> =>
  (await definition.open(params)).images;

/** The images that are read in the main process. */
const sourcesOf = (images: readonly DatasetImage[]): ImageSource[] =>
  images.filter((image): image is ImageSource => 'read' in image);
