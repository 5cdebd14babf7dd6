import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, FaroutError, printable, z } from '@farout/core';
import { parse } from 'yaml';
import { parseAddress } from './address.ts';

/** A path below the folder of the manifest: what a stranger has written must not reach elsewhere. */
const below = z
  .string()
  .min(1)
  .refine(
    (text) => !/^\/|\\|:|\0/.test(text) && !text.split('/').includes('..'),
    'must be a plain path below the manifest',
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
    path: below.describe('where it lies on this machine, below the folder of the manifest'),
    size: z.int().positive().optional().describe('bytes'),
    sha256: hex(64).optional(),
    sha256Begins: hex(8).optional().describe('the digits in a file name of torchvision; guard against accidents only'),
    md5: hex(32).optional().describe('guards against accidents only'),
    addresses: z.array(address).default([]).describe('of the publisher; drive:<id> for Google Drive'),
    mirrors: z.array(address).default([]).describe('of anybody else; need sha256'),
    unpack: z
      .strictObject({
        folder: below.describe('what it becomes, below the folder of the manifest'),
        strip: below.optional().describe('the folder within the archive that becomes it; the whole archive if absent'),
        images: z.int().positive().optional().describe('how many images must come out of the archive'),
      })
      .optional(),
  })
  .refine(({ mirrors, sha256 }) => mirrors.length === 0 || sha256 !== undefined, {
    message: 'a mirror other than the publisher needs the full sha256 of the file',
    path: ['mirrors'],
  });

/** What a manifest says of where a dataset or weights come from. */
export const sourceSchema = z
  .strictObject({
    title: z.string().min(1).describe('what it is, one line'),
    license: z
      .string()
      .min(1)
      .describe('an SPDX identifier, or in words; "none stated" where the publisher states none'),
    page: z.url({ protocol: /^https?$/ }).describe('the page of the publisher, with its terms'),
    accept: z.literal('manual').optional().describe('terms must be accepted there, and the files be placed by hand'),
    role: z.enum(['id', 'ood', 'fit', 'weights']).describe('what peers use it as'),
    images: z.int().positive().optional().describe('how many images it has'),
    layout: z.string().min(1).describe('what lies where when it is there'),
    deduplicated: z.string().optional().describe('how it was cleared of what the ID set shows too'),
    citation: z.string().min(1),
    found: z.array(z.string().min(1)).min(1).describe('where addresses, sizes and checksums were found'),
    files: z.array(fileSchema).min(1),
  })
  .superRefine(({ accept, images, files }, context) => {
    files.forEach(({ addresses, mirrors }, index) => {
      if (accept === undefined && addresses.length + mirrors.length === 0)
        context.addIssue({ code: 'custom', path: ['files', index], message: 'has no address' });
    });
    const paths = files.map((file) => file.path);
    if (new Set(paths).size < paths.length)
      context.addIssue({ code: 'custom', path: ['files'], message: 'name a path twice' });
    const counts = files.flatMap(({ unpack }) => unpack?.images ?? []);
    const sum = counts.reduce((total, count) => total + count, 0);
    if (images !== undefined && counts.length === files.length && sum !== images)
      context.addIssue({ code: 'custom', path: ['images'], message: `is ${images}, but the archives have ${sum}` });
  });

/** Where a dataset or weights come from. */
export type Source = z.output<typeof sourceSchema>;
export type ManifestFile = Source['files'][number];

/** The source of a dataset or of weights, with where it is written. */
export interface Manifest {
  /** The name of its file: `sun` of `datasets/sun.yaml`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly source: Source;
}

/**
 * Reads `<name>.yaml`: its key `source`, beside what defines a dataset for experiments. Undefined where there is no such key.
 *
 * @throws FaroutError OOD_MANIFEST_INVALID
 */
export async function readManifest(file: string): Promise<Manifest | undefined> {
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
  if (data) return { name: path.basename(file, '.yaml'), file, source: data };
  const issues = error.issues.map(({ path: at, message }) => `${['source', ...at].join('.')}: ${message}`);
  throw invalid(file, `is no manifest: ${issues.join('; ')}`);
}

const invalid = (file: string, fault: string, fix = 'See "A manifest" in the README of @farout/acquire.') =>
  new FaroutError('OOD_MANIFEST_INVALID', printable(`${file} ${fault}`), { fix });

/** The folders that hold manifests. */
const folders = ['datasets', 'models'];

/** The manifests in the folders `datasets` and `models` beside and above a folder, by name; the nearest wins. */
export async function manifestsAround(folder: string): Promise<ReadonlyMap<string, Manifest>> {
  const found = new Map<string, Manifest>();
  for (let above = path.resolve(folder), under = ''; above !== under; under = above, above = path.dirname(above)) {
    for (const file of (await Promise.all(folders.map((each) => yamlIn(path.join(above, each))))).flat()) {
      const manifest = found.has(path.basename(file, '.yaml')) ? undefined : await readManifest(file);
      if (manifest) found.set(manifest.name, manifest);
    }
  }
  return found;
}

async function yamlIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** What a file of a manifest gives when it is pulled: a folder where it is unpacked, else itself. Absolute. */
export const givenBy = (manifest: Manifest, file: ManifestFile): string =>
  path.join(path.dirname(manifest.file), file.unpack?.folder ?? file.path);

/**
 * The manifests that give a file or folder: one that gives it, or something that it lies in; else all sets that are to lie in it, as those of a
 * benchmark do.
 */
export function manifestsFor(missing: string, manifests: Iterable<Manifest>): readonly Manifest[] {
  const all = [...manifests];
  const found = all.find((manifest) => given(manifest).some((each) => isWithin(missing, each)));
  if (found) return [found];
  return all.filter(
    (manifest) => manifest.source.role !== 'weights' && given(manifest).some((each) => isWithin(each, missing)),
  );
}

const given = (manifest: Manifest) => manifest.source.files.map((file) => givenBy(manifest, file));

const isWithin = (inner: string, outer: string) => !/^\.\.(\/|\\|$)/.test(path.relative(outer, inner));
