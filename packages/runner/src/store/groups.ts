import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from '@farout/core';
import { unsealed, type Entries } from './entries.ts';

/** A file of the store. */
interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last written or read, in milliseconds since 1970. */
  readonly used: number;
}

/** Entries of the store that belong together: a reading, what one part learnt, a graph, or all of a kind of small ones. */
export interface StoreGroup {
  readonly kind:
    | 'readings'
    | 'learnt'
    | 'scores'
    | 'graphs'
    | 'files'
    | 'thumbnails'
    | 'sweeps'
    | 'sections'
    | 'drawings'
    | 'archives'
    | 'claims'
    | 'work'
    | 'lists';
  /** Its key; `all` for scores, hashes of files, thumbnails, sweeps, sections, drawings, claims and lists. */
  readonly name: string;
  /** Those without which the others do not count come first. */
  readonly files: readonly StoredFile[];
  readonly bytes: number;
  readonly used: number;
  readonly shards?: number;
  readonly images?: number;
  readonly note?: ReadingNote;
}

const hash = '[0-9a-f]{64}';
/** The files that farout writes, by kind: nothing else is looked at. */
const owned = {
  readings: new RegExp(`^(${hash})/(?:${hash}\\.(?:npy|json)|about\\.json|index-[0-9a-f]\\.json)$`),
  learnt: new RegExp(`^(${hash})(?:\\.json|/${hash}\\.npy)$`),
  scores: new RegExp(`^${hash}\\.json$`),
  graphs: new RegExp(`^(${hash})\\.onnx$`),
  files: new RegExp(`^${hash}\\.json$`),
  thumbnails: new RegExp(`^${hash}\\.json$`),
  sweeps: new RegExp(`^${hash}\\.json$`),
  sections: new RegExp(`^${hash}\\.json$`),
  drawings: new RegExp(`^${hash}\\.json$`),
  // What datasets unpack and index, each by the version of the file that it is made of.
  archives: /^([0-9a-f]{32})\.[a-z.]+$/,
  claims: new RegExp(`^${hash}\\.json$`),
  // What tasks say of themselves, by experiment and wave; and datasets as they were listed.
  work: new RegExp(`^(${hash})/[a-z0-9-]+\\.json$`),
  lists: new RegExp(`^${hash}\\.json\\.gz$`),
} as const;

/** The kinds of what a store holds: its folders. */
export const storeKinds = Object.keys(owned) as readonly StoreGroup['kind'][];

/**
 * What a store's folder holds, the last used first. Links are not followed; files that farout does not write there are left
 * out.
 */
export async function storeGroups(folder: string): Promise<StoreGroup[]> {
  const groups: StoreGroup[] = [];
  for (const kind of storeKinds) {
    const found = await filesBelow(path.join(folder, kind));
    const byName = new Map<string, StoredFile[]>();
    for (const file of found) {
      const relative = path.relative(path.join(folder, kind), file.path).split(path.sep).join('/');
      const match = owned[kind].exec(relative);
      if (!match) continue;
      const name = match[1] ?? 'all';
      const files = byName.get(name);
      if (files) files.push(file);
      else byName.set(name, [file]);
    }
    for (const [name, files] of byName) groups.push(await groupOf(kind, name, files));
  }
  return groups.sort((a, b) => b.used - a.used);
}

/** Every plain file below a folder of the store; an empty list when there is no such folder, or a link in its place. */
async function filesBelow(folder: string): Promise<StoredFile[]> {
  if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) return [];
  const files: StoredFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(full)));
    const stats = entry.isFile() ? await lstat(full).catch(() => undefined) : undefined;
    if (stats) files.push({ path: full, bytes: stats.size, used: usedAt(entry.name, stats) });
  }
  return files;
}

/** Listing reads manifests, which is no use of them; a note is written again by each run that uses its reading. */
const usedAt = (name: string, { mtimeMs, atimeMs }: Stats): number =>
  name === noteFile ? mtimeMs : Math.max(mtimeMs, atimeMs);

async function groupOf(kind: StoreGroup['kind'], name: string, found: readonly StoredFile[]): Promise<StoreGroup> {
  const isManifest = (file: StoredFile) => file.path.endsWith('.json');
  const files = [...found.filter(isManifest), ...found.filter((file) => !isManifest(file))];
  const contents = files.filter((file) => !isManifest(file));
  const notes = files.filter((file) => path.basename(file.path) === noteFile);
  return {
    kind,
    name,
    files,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    used: (contents.length > 0 ? [...contents, ...notes] : files).reduce(
      (latest, { used }) => Math.max(latest, used),
      0,
    ),
    ...(kind === 'readings' && (await aboutShards(files))),
  };
}

/** Of a shard's manifest what is counted. */
const countedSchema = z.object({
  blocks: z.array(z.object({ rows: z.array(z.string()) })),
  unreadable: z.array(z.tuple([z.string(), z.string()])),
});

async function aboutShards(files: readonly StoredFile[]): Promise<Pick<StoreGroup, 'shards' | 'images' | 'note'>> {
  const note = files.find((file) => path.basename(file.path) === noteFile);
  const described = note && readingNoteSchema.safeParse(await contentOf(note.path)).data;
  let [shards, images] = [0, 0];
  for (const file of files) {
    const { data } = countedSchema.safeParse(file.path.endsWith('.json') ? await contentOf(file.path) : undefined);
    if (!data) continue;
    const rows = data.blocks.flatMap((block) => block.rows);
    shards++;
    images += new Set([...rows, ...data.unreadable.map(([content]) => content)]).size;
  }
  return { shards, images, ...(described && { note: described }) };
}

/** A file that goes while it is listed has nothing to say. */
const contentOf = async (file: string): Promise<unknown> =>
  unsealed(await readFile(file).catch(() => new Uint8Array(0)));

/** What made the rows of a reading: for people only, no run reads it. */
const readingNoteSchema = z.object({
  /** What the reading is called. */
  what: z.string(),
  network: z.string(),
  /** The experiment for which it was first made. */
  experiment: z.string(),
  resize: z.number(),
  crop: z.number(),
  /** Absent in the notes of older versions, which had one way of each. */
  interpolation: z.string().optional(),
  sides: z.string().optional(),
  device: z.string(),
  onnxruntime: z.string(),
});

/** See `readingNoteSchema`. */
export type ReadingNote = z.output<typeof readingNoteSchema>;

/** The note's name in the folder of its reading; shards are called by hashes. */
const noteFile = 'about.json';

/**
 * Notes what makes a reading, beside its rows. The note is written again by each run, as it was: its time is then that of the last use, also where the file
 * system notes no reading (`noatime`).
 */
export async function noteReading(entries: Entries, reading: string, note: ReadingNote): Promise<void> {
  const key = `readings/${reading}/${noteFile}`;
  await entries.writeJson(key, (await entries.readJson(key, readingNoteSchema)) ?? readingNoteSchema.parse(note));
}

/** What is to go from a store. */
export interface PruneRequest {
  /** Milliseconds since the last use. */
  readonly olderThan?: number | undefined;
  /** Bytes that may stay: what was used last is kept until they are full. */
  readonly largerThan?: number | undefined;
  /** Only tells what would go. */
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What went, or would go. */
export interface Pruned {
  readonly groups: readonly StoreGroup[];
  /** Temporary files that a killed process left, older than a day. */
  readonly leftovers: readonly StoredFile[];
}

const day = 86_400_000;
/**
 * What was used this short a time ago may be in use by a run, and stays. An archive is read as long as a run takes, and file systems note that once a
 * day.
 */
const inUse = (kind: StoreGroup['kind']) => (kind === 'archives' ? day : 3_600_000);

/**
 * Removes what a store does not need to hold: all of it can be made again. Only files that farout writes, and no link is
 * followed. Of each group the manifests go first: a shard without one does not exist, so a run beside this makes it again.
 */
export async function pruneStore(folder: string, request: PruneRequest): Promise<Pruned> {
  const groups = chosen(await storeGroups(folder), request);
  const leftovers = await leftoversIn(folder, request.now);
  if (!request.dryRun) {
    for (const { path: file } of [...groups.flatMap(({ files }) => files), ...leftovers])
      await rm(file, { force: true });
    await removeEmpty(folder, groups);
  }
  return { groups, leftovers };
}

/** `groups` come with the last used first. */
function chosen(groups: readonly StoreGroup[], { olderThan, largerThan, now }: PruneRequest): StoreGroup[] {
  let kept = 0;
  return groups.filter(({ kind, bytes, used }) => {
    const isOld = olderThan !== undefined && now - used > olderThan;
    const isTooMuch = largerThan !== undefined && kept + bytes > largerThan;
    if ((isOld || isTooMuch) && now - used > inUse(kind)) return true;
    kept += bytes;
    return false;
  });
}

async function leftoversIn(folder: string, now: number): Promise<StoredFile[]> {
  const files = await Promise.all(storeKinds.map((kind) => filesBelow(path.join(folder, kind))));
  return files.flat().filter(({ path: file, used }) => /\.[0-9a-f-]{36}\.(?:tmp|part)$/.test(file) && now - used > day);
}

async function removeEmpty(folder: string, groups: readonly StoreGroup[]): Promise<void> {
  for (const { kind, name } of groups) {
    // One that is not there, or holds what is not farout's, stays as it is.
    await rmdir(path.join(folder, kind, name)).catch(() => undefined);
  }
}
