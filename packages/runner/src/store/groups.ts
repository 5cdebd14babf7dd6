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

/** Store entries that belong together: a reading, what one part learnt, a graph, or all small entries of one kind. */
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
  /** Manifests come first: without them, the other files do not count. */
  readonly files: readonly StoredFile[];
  readonly bytes: number;
  readonly used: number;
  readonly shards?: number;
  readonly images?: number;
  readonly note?: ReadingNote;
}

const hash = '[0-9a-f]{64}';
/** The files that farout writes, by kind. All other files are ignored. */
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
  // Archives unpacked and indexed by datasets, each named by the version of its source file.
  archives: /^([0-9a-f]{32})\.[a-z.]+$/,
  claims: new RegExp(`^${hash}\\.json$`),
  // Records of tasks, by experiment and wave; and listings of datasets.
  work: new RegExp(`^(${hash})/[a-z0-9-]+\\.json$`),
  lists: new RegExp(`^${hash}\\.json\\.gz$`),
} as const;

/** The kinds of entries in a store: its folders. */
export const storeKinds = Object.keys(owned) as readonly StoreGroup['kind'][];

/**
 * The contents of a store's folder, most recently used first. Links are not followed, and files that farout does not
 * write are ignored.
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

/** Every plain file below a folder of the store. Empty if there is no such folder, or if it is a link. */
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

/** Listing the store reads manifests, which must not count as use. A note is rewritten by each run that uses its reading. */
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

/** What is counted in a shard's manifest. */
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

/** Returns nothing for a file that disappears while the store is listed. */
const contentOf = async (file: string): Promise<unknown> =>
  unsealed(await readFile(file).catch(() => new Uint8Array(0)));

/** How the rows of a reading were made. Only for people; no run reads it. */
const readingNoteSchema = z.object({
  /** The name of the reading. */
  what: z.string(),
  network: z.string(),
  /** The experiment for which it was first made. */
  experiment: z.string(),
  resize: z.number(),
  crop: z.number(),
  /** Absent in notes of older versions, which had only one option. */
  interpolation: z.string().optional(),
  sides: z.string().optional(),
  device: z.string(),
  onnxruntime: z.string(),
});

/** See `readingNoteSchema`. */
export type ReadingNote = z.output<typeof readingNoteSchema>;

/** The note's name in the folder of its reading; shards are named by hashes. */
const noteFile = 'about.json';

/**
 * Writes a note on how a reading is made, beside its rows. Each run rewrites the same note, so its modification time
 * is the time of the last use even if the file system does not record reads (`noatime`).
 */
export async function noteReading(entries: Entries, reading: string, note: ReadingNote): Promise<void> {
  const key = `readings/${reading}/${noteFile}`;
  await entries.writeJson(key, (await entries.readJson(key, readingNoteSchema)) ?? readingNoteSchema.parse(note));
}

/** What to remove from a store. */
export interface PruneRequest {
  /** Minimum age since the last use, in milliseconds. */
  readonly olderThan?: number | undefined;
  /** Bytes to keep: the most recently used entries stay until this is reached. */
  readonly largerThan?: number | undefined;
  /** Only report what would be removed. */
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What was removed, or would be. */
export interface Pruned {
  readonly groups: readonly StoreGroup[];
  /** Temporary files left by killed processes, older than a day. */
  readonly leftovers: readonly StoredFile[];
}

const day = 86_400_000;
/**
 * Entries used more recently than this, in milliseconds, may be in use by a run and stay. An archive may be read
 * during a whole run, and file systems may record its access only once a day.
 */
const inUse = (kind: StoreGroup['kind']) => (kind === 'archives' ? day : 3_600_000);

/**
 * Removes entries from a store; all of them can be computed again. Removes only files that farout writes, and follows no links.
 * Removes the manifests of each group first: a shard without one counts as missing, so a concurrent run computes it again.
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

/** `groups` are ordered by last use, latest first. */
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
    // A folder that is missing, or contains other files, is left as it is.
    await rmdir(path.join(folder, kind, name)).catch(() => undefined);
  }
}
