import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { type ApiChange, compareApi } from './api-change.ts';
import { saysBreaking, unreleased } from './changelog.ts';

/** The release that the current state of the repository would give. */
export interface Plan {
  readonly version: string;
  /** The lowest version allowed for the change. */
  readonly least: string;
  /** The tag of the last release; undefined before the first. */
  readonly last: string | undefined;
  readonly change: ApiChange;
  /** The declarations or CHANGELOG entries that determine it. */
  readonly reasons: readonly string[];
  /** Its CHANGELOG section. */
  readonly notes: string;
  /** The address of the repository, from `repository` in the root package.json, its only source. */
  readonly repository: string | undefined;
}

/**
 * Plans the next release. The reports in docs/api, compared with those of the last tag, decide whether the change breaks plugins, and so the lowest
 * version; so does a CHANGELOG entry that starts with **Breaks**.
 *
 * @param version the requested version; default: the lowest
 */
export function planRelease(root: string, version?: string): Plan {
  const { version: current, repository } = manifestOf(root);
  const notes = unreleased(readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'));
  const last = lastTag(root);
  const { change, reasons } = last === undefined ? first : changeSince(root, last, notes);
  const least = last === undefined ? current : nextVersion(last.slice(1), change);
  return { version: version ?? least, least, last, change, reasons, notes, repository: addressIn(repository) };
}

/** The version required by a change: before 1.0, breaking changes raise the minor version instead of the major one. */
export function nextVersion(last: string, change: ApiChange): string {
  const isEarly = semver.major(last) === 0;
  if (change === 'breaks') return semver.inc(last, isEarly ? 'minor' : 'major')!;
  return semver.inc(last, change === 'adds' && !isEarly ? 'minor' : 'patch')!;
}

const first = { change: 'nothing', reasons: ['nothing has been released yet'] } as const;

interface RootManifest {
  readonly version: string;
  readonly repository?: string | { readonly url?: string };
}

const manifestOf = (root: string) => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as RootManifest;

const addressIn = (repository: RootManifest['repository']) =>
  typeof repository === 'string' ? repository : repository?.url;

/** The newest release tag contained in the current state. */
function lastTag(root: string): string | undefined {
  return git(root, 'tag', '--list', 'v*', '--merged', 'HEAD')
    .split('\n')
    .filter((tag) => semver.valid(tag) !== null)
    .sort((a, b) => semver.rcompare(a, b))[0];
}

function changeSince(root: string, tag: string, notes: string): Pick<Plan, 'change' | 'reasons'> {
  const folder = path.join(root, 'docs', 'api');
  const listed = git(root, 'ls-tree', '--name-only', tag, 'docs/api/').split('\n');
  const before = listed.filter((file) => file.endsWith('.md')).map((file) => path.basename(file));
  const files = [...new Set([...before, ...(existsSync(folder) ? readdirSync(folder) : [])])].sort();
  const differences = files.map((file) => {
    const now = existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), 'utf8') : undefined;
    const old = before.includes(file) ? git(root, 'show', `${tag}:docs/api/${file}`) : undefined;
    return { package: path.basename(file, '.api.md'), ...compareApi(old, now) };
  });
  const broken = differences.flatMap((each) => each.broken.map((name) => `${each.package}: ${name} is changed`));
  const added = differences.flatMap((each) => each.added.map((name) => `${each.package}: ${name} is new or has more`));
  const said = saysBreaking(notes) ? ['the CHANGELOG says that it breaks something'] : [];
  if (broken.length + said.length > 0) return { change: 'breaks', reasons: [...said, ...broken] };
  return { change: added.length > 0 ? 'adds' : 'nothing', reasons: added };
}

/** Runs git and returns its output. */
function git(root: string, ...words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`git ${words.join(' ')} failed: ${stderr}`);
  return stdout;
}
