import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { types } from 'node:util';
import type { DatasetDefinition, DatasetImage, ImageAddress, ImageFile, ImageSource, RawPixels } from '@farout/core';
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

/** Images of one source are drawn together; one without a source is alone, and not of the source called nothing. */
export const groupsNamed: Check<DatasetSubject> = {
  title: 'names the sources that images share, if it has some, by texts that are not empty',
  run: async (subject) => {
    for (const { id, group } of await imagesOf(subject)) {
      const isName = group === undefined || (typeof group === 'string' && group !== '');
      assert.ok(isName, `the group of "${id}" is ${JSON.stringify(group)}`);
    }
  },
};

/** Where an image lies or what it is, in exactly one way; the host can do nothing with another. */
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

/** A path goes to another process as it is, whose folder is not this one's. */
export const pathsExist: Check<DatasetSubject> = {
  title: 'names files that exist by absolute paths, and stretches that lie in them',
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

/** Where an address leads is not asked: a test needs no net. */
export const addressesPlain: Check<DatasetSubject> = {
  title: 'names addresses of http or https, without a user name or a password',
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

/** What an earlier run stored is found again by the order of the images. */
export const opensAlike: Check<DatasetSubject> = {
  title: 'lists the same images in the same order when it is opened again',
  run: async (subject) => {
    const first = await imagesOf(subject);
    assert.deepEqual((await imagesOf(subject)).map(listing), first.map(listing));
  },
};

/** An address may be signed anew at every opening. */
const listing = ({ id, label, group, ...image }: DatasetImage) => ({
  id,
  label,
  group,
  path: 'path' in image ? image.path : undefined,
  stretch: 'path' in image || 'url' in image ? [image.offset, image.length] : undefined,
  pixels: 'pixels' in image ? image.pixels : undefined,
});

/** A version that changes while the bytes do not makes every run read and compute everything again. */
export const versionsStable: Check<DatasetSubject> = {
  title: 'gives the images the same versions when it is opened again',
  run: async (subject) => {
    const versions = async () =>
      (await imagesOf(subject)).map((image) => ('version' in image ? image.version : undefined));
    assert.deepEqual(await versions(), await versions());
  },
};

/** A decoder gets bytes, or pixels that need none: not text, not a promise of a stream, and not none. */
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

/** An image is read once for its features and again for what looks at the image itself. */
export const readTwiceIsOnce: Check<DatasetSubject> = {
  title: 'reads the same bytes of an image twice',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const [first, second] = [bytesOf(await read()), bytesOf(await read())];
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
      const bytes = bytesOf(await read());
      assert.ok(
        known.get(version)?.equals(bytes) ?? true,
        `other bytes than those of "${id}" have its version, ${version}`,
      );
      known.set(version, bytes);
    }
  },
};

/** Copied, since a dataset may give the same array each time; pixels of another shape are other ones. */
const bytesOf = (read: Uint8Array | RawPixels): Buffer =>
  typeof read === 'object' && 'shape' in read
    ? Buffer.concat([Buffer.from(`${read.shape.join(' ')}\n`), read.data])
    : Buffer.from(read);

/** Predicted classes are called by these names, each by its own. */
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

/** `farout data check` reads what the survey lists in the place of what runs read. */
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

/** Its images, listed anew. */
const imagesOf = async ({ definition, params }: DatasetSubject): Promise<readonly DatasetImage[]> =>
  (await definition.open(params)).images;

/** Those that are read in the main process. */
const sourcesOf = (images: readonly DatasetImage[]): ImageSource[] =>
  images.filter((image): image is ImageSource => 'read' in image);
