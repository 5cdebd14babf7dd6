import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import semver from 'semver';
import type { Archive } from './archives.ts';
import { releasedAs } from './changelog.ts';
import type { Plan } from './plan.ts';
import { setVersion } from './set-version.ts';

/** The environment of publishing. */
export interface Place {
  /** The repository's folder. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The reasons why a release must not be published; empty if it may be. */
export function refusals(plan: Plan, { root, env }: Place): string[] {
  const { version, least, reasons, notes, repository } = plan;
  const isTooLow = semver.valid(version) !== null && semver.lt(version, least);
  const faults: [boolean, string][] = [
    [
      repository === undefined,
      'The address of the repository is missing: "repository" of the package.json at the root.',
    ],
    [semver.valid(version) === null, `"${version}" is no version.`],
    [isTooLow, `${version} is too low: the change asks for ${least} at least (${reasons.join('; ')}).`],
    [notes === '', 'CHANGELOG.md says nothing under "Unreleased".'],
    [printed(root, 'git', ['status', '--porcelain']) !== '', 'The working tree has changes that are not committed.'],
    [printed(root, 'git', ['tag', '--list', `v${version}`]) !== '', `There is a tag v${version} already.`],
    [
      env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined,
      'npm can say where the archives were made only in the workflow "release": start it there.',
    ],
  ];
  return faults.filter(([isFault]) => isFault).map(([, sentence]) => sentence);
}

/** Writes the version and the CHANGELOG's section, commits and tags them, and publishes the archives. */
export async function publish(plan: Plan, archives: readonly Archive[], { root }: Place): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  setVersion(root, plan.version, date);
  const changelog = path.join(root, 'CHANGELOG.md');
  writeFileSync(changelog, releasedAs(readFileSync(changelog, 'utf8'), plan.version, date));
  printed(root, 'git', ['commit', '--quiet', '--all', '--message', `Release ${plan.version}`]);
  printed(root, 'git', ['tag', '--annotate', `v${plan.version}`, '--message', plan.notes]);
  await publishArchives(archives, { root });
}

/** The target of publishing. */
export interface Registry {
  /** A folder whose npm settings apply. */
  readonly root: string;
  /** A registry other than npm's. */
  readonly registry?: string;
}

/**
 * Publishes archives in order. Skips those already in the registry from an interrupted attempt.
 *
 * @throws Error when the registry has a version with different content, or refuses one.
 */
export async function publishArchives(archives: readonly Archive[], { root, registry }: Registry): Promise<void> {
  const at = registry === undefined ? [] : ['--registry', registry];
  for (const { name, version, file } of archives) {
    const there = await integrityOf(`${name}@${version}`, root, at);
    if (there === undefined) await npm(root, ['publish', file, '--ignore-scripts', ...at]);
    else if (there !== integrityOfFile(file))
      throw new Error(`The registry has ${name} ${version} already, of other bytes.`);
    console.log(`${name} ${version} is published`);
  }
}

/** The registry's data of a version; undefined if it does not exist. */
async function integrityOf(spec: string, root: string, at: readonly string[]): Promise<string | undefined> {
  try {
    const stdout = await npm(root, ['view', spec, 'dist.integrity', '--json', '--prefer-online', ...at]);
    return stdout === '' ? undefined : (JSON.parse(stdout) as string);
  } catch (error) {
    // With --json, npm prints the reason on stdout, even if silent.
    if ((error as { stdout?: string }).stdout?.includes('"E404"')) return undefined;
    throw error;
  }
}

const integrityOfFile = (file: string) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** With the unchanged environment, which in a workflow has the credentials for npm. */
const npm = async (cwd: string, words: readonly string[]) =>
  (await promisify(execFile)('npm', words, { cwd })).stdout.trim();

/** Runs a program and returns its output. */
function printed(root: string, program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${stderr}`);
  return stdout.trim();
}
