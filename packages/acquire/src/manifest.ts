import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, FaroutError, printable, z } from '@farout/core';
import { parse } from 'yaml';
import { parseAddress } from './address.ts';

/** A path below the folder of the manifest: a manifest from outside must not reach elsewhere. */
const below = z
  .string()
  .min(1)
  .refine(
    (text) => !/^\/|\\|:|\0/.test(text) && !text.split('/').includes('..'),
    "must be a plain path inside the manifest's folder",
  );

const hex = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `must be ${digits} hexadecimal digits`);

const address = z.string().superRefine((text, context) => {
  try {
    parseAddress(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const fileSchema = z
  .strictObject({
    path: below.describe('the local path, below the folder of the manifest'),
    size: z.int().positive().optional().describe('bytes'),
    sha256: hex(64).optional(),
    sha256Begins: hex(8).optional().describe('the digits in a torchvision file name; protects against accidents only'),
    md5: hex(32).optional().describe('protects against accidents only'),
    addresses: z.array(address).default([]).describe('addresses of the publisher; drive:<id> for Google Drive'),
    mirrors: z.array(address).default([]).describe('addresses of others; require sha256'),
    unpack: z
      .strictObject({
        folder: below.describe('the unpacked folder, below the folder of the manifest'),
        strip: below.optional().describe('the folder within the archive to unpack; default: the whole archive'),
        images: z.int().positive().optional().describe('the number of images the archive must contain'),
      })
      .optional(),
  })
  .refine(({ mirrors, sha256 }) => mirrors.length === 0 || sha256 !== undefined, {
    message: 'a mirror other than the publisher needs the full sha256 of the file',
    path: ['mirrors'],
  });

/** The part of a manifest that describes the source of a dataset or weights. */
export const sourceSchema = z
  .strictObject({
    title: z.string().min(1).describe('a one-line description'),
    license: z.string().min(1).describe('an SPDX identifier, or words; "none stated" if the publisher states none'),
    page: z.url({ protocol: /^https?$/ }).describe('the page of the publisher with the terms'),
    accept: z
      .literal('manual')
      .optional()
      .describe('the terms must be accepted on that page, and the files placed by hand'),
    role: z.enum(['id', 'ood', 'fit', 'weights']).describe('how it is usually used'),
    images: z.int().positive().optional().describe('the number of images'),
    layout: z.string().min(1).describe('the layout of the files once they are in place'),
    deduplicated: z.string().optional().describe('how images of ID classes were removed'),
    citation: z.string().min(1),
    found: z.array(z.string().min(1)).min(1).describe('the sources of addresses, sizes and checksums'),
    files: z.array(fileSchema).min(1),
  })
  .superRefine(({ accept, images, files }, context) => {
    files.forEach(({ addresses, mirrors }, index) => {
      if (accept === undefined && addresses.length + mirrors.length === 0)
        context.addIssue({ code: 'custom', path: ['files', index], message: 'has no address' });
    });
    const paths = files.map((file) => file.path);
    if (new Set(paths).size < paths.length)
      context.addIssue({ code: 'custom', path: ['files'], message: 'name the same path twice' });
    const counts = files.flatMap(({ unpack }) => unpack?.images ?? []);
    const sum = counts.reduce((total, count) => total + count, 0);
    if (images !== undefined && counts.length === files.length && sum !== images)
      context.addIssue({ code: 'custom', path: ['images'], message: `is ${images}, but the archives have ${sum}` });
  });

/** The source of a dataset or weights. */
export type Source = z.output<typeof sourceSchema>;
export type ManifestFile = Source['files'][number];

/** A manifest: the source of a dataset or weights, and its location. */
export interface Manifest {
  /** The name of its file: `sun` of `datasets/sun.yaml`. */
  readonly name: string;
  /** The absolute path of its file. */
  readonly file: string;
  /** The absolute folder that its paths are relative to: its own, or a cache folder if a plugin provides it. */
  readonly folder: string;
  readonly source: Source;
}

/** The location of a manifest, and of the files it describes. */
export type ManifestPlace = Omit<Manifest, 'source'>;

const placeOf = (file: string, folder = path.dirname(file)): ManifestPlace => ({
  name: path.basename(file, '.yaml'),
  file,
  folder,
});

/**
 * Reads the key `source` of `<name>.yaml`; other keys define a dataset for experiments. Undefined if there is no such key.
 *
 * @throws FaroutError OOD_MANIFEST_INVALID
 */
export async function readManifest(place: ManifestPlace): Promise<Manifest | undefined> {
  const { file } = place;
  const decoded = decodeText(await readFile(file));
  if ('fault' in decoded) throw invalid(file, decoded.fault, decoded.fix);
  let document: unknown;
  try {
    document = parse(decoded.text);
  } catch (error) {
    throw invalid(file, `is not valid YAML: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
  const source = (document as { source?: unknown } | null)?.source;
  if (typeof source !== 'object' || source === null) return undefined;
  const { data, error } = sourceSchema.safeParse(source);
  if (data) return { ...place, source: data };
  const issues = error.issues.map(({ path: at, message }) => `${['source', ...at].join('.')}: ${message}`);
  throw invalid(file, `is not a valid manifest: ${issues.join('; ')}`);
}

const invalid = (file: string, fault: string, fix = 'See "A manifest" in the README of @farout/acquire.') =>
  new FaroutError('OOD_MANIFEST_INVALID', printable(`${file} ${fault}`), { fix });

/** The folders with manifests: of datasets and of weights. */
const folders = ['datasets', 'models'];

/** The manifests in the folders `datasets` and `models` in a folder or its parents, by name; the nearest wins. */
export async function manifestsAround(folder: string): Promise<ReadonlyMap<string, Manifest>> {
  const found = new Map<string, Manifest>();
  for (let above = path.resolve(folder), under = ''; above !== under; under = above, above = path.dirname(above)) {
    for (const file of (await Promise.all(folders.map((each) => yamlIn(path.join(above, each))))).flat()) {
      const manifest = found.has(path.basename(file, '.yaml')) ? undefined : await readManifest(placeOf(file));
      if (manifest) found.set(manifest.name, manifest);
    }
  }
  return found;
}

/**
 * The locations of the manifests in the folders `datasets` and `models` of a plugin. Their files are in folders of the same name below `folder`.
 * Does not read the manifests.
 */
export async function manifestsOf(plugin: string, folder: string): Promise<readonly ManifestPlace[]> {
  const places = folders.map(async (each) =>
    (await yamlIn(path.join(plugin, each))).map((file) => placeOf(file, path.join(folder, each))),
  );
  return (await Promise.all(places)).flat();
}

async function yamlIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The absolute path that pulling a file produces: the unpacked folder, or else the file itself. */
export const givenBy = ({ folder }: ManifestPlace, file: ManifestFile): string =>
  path.join(folder, file.unpack?.folder ?? file.path);

/** The absolute path of a downloaded file. */
export const pathOf = ({ folder }: ManifestPlace, file: ManifestFile): string => path.join(folder, file.path);

/**
 * The manifests that provide a file or folder: one that provides it or a folder containing it; else all sets located inside it, as in a
 * benchmark; else weights with this file name, to be placed where it is missing.
 */
export function manifestsFor(missing: string, manifests: Iterable<Manifest>): readonly Manifest[] {
  const all = [...manifests];
  const found = all.find((manifest) => given(manifest).some((each) => isWithin(missing, each)));
  if (found) return [found];
  const within = all.filter(
    (manifest) => manifest.source.role !== 'weights' && given(manifest).some((each) => isWithin(each, missing)),
  );
  const weights = all.find(
    ({ source }) => source.role === 'weights' && source.files[0]!.path === path.basename(missing),
  );
  return within.length > 0 || !weights ? within : [{ ...weights, folder: path.dirname(missing) }];
}

const given = (manifest: Manifest) => manifest.source.files.map((file) => givenBy(manifest, file));

const isWithin = (inner: string, outer: string) => !/^\.\.(\/|\\|$)/.test(path.relative(outer, inner));

/** A human-readable size. */
export function sizeInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]!}`;
}

/** The best known checksum of a file. */
export function checksumInWords({ sha256, sha256Begins, md5 }: ManifestFile): string | undefined {
  if (sha256 !== undefined) return `SHA-256 ${sha256}`;
  if (sha256Begins !== undefined) return `SHA-256 ${sha256Begins}…`;
  return md5 === undefined ? undefined : `MD5 ${md5}`;
}

/** An address for messages. */
export const withoutQuery = (address: string): string => address.replace(/[?#].*/, '');

/** The first address of a file, for messages; the publisher's page if it has none. */
export const comesFrom = ({ page }: Source, { addresses, mirrors }: ManifestFile): string =>
  [...addresses, ...mirrors].map(withoutQuery)[0] ?? page;

/** The terms of a source, without remarks. */
export const termsOf = ({ license }: Source): string => license.split(';')[0]!;
