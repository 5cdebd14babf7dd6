import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { didYouMean } from '@farout/core';

/** A line of a list that refers to an image. */
export interface ListLine {
  /** Line number, from 1. */
  readonly line: number;
  /** The whole line, trimmed. */
  readonly content: string;
  readonly name: string;
  /** The last field, if it is an integer. */
  readonly label: number | undefined;
  /** The group field; empty if the line lacks it, absent if none was requested. */
  readonly group?: string;
}

/**
 * Parses the lines of a list: a path, then a label if the last field is an integer. Fields are separated by spaces or tabs; a path may
 * contain spaces. Empty lines are skipped.
 *
 * @param group - Which field, counted from 1, names the group of the image. It is removed before the other fields are read. In a line with
 * tabs, fields are separated by tabs, otherwise by spaces.
 */
export function listLines(text: string, group?: number): ListLine[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .map((content, index) => ({
      line: index + 1,
      ...(group === undefined ? fields(content) : groupedFields(content, group)),
    }))
    .filter(({ content }) => content !== '');
}

function groupedFields(content: string, group: number): Omit<ListLine, 'line'> {
  const [blank, each] = content.includes('\t') ? ['\t', /(?<=^|\t)[^\t]*/g] : [' ', /[^ ]+/g];
  const found = [...content.matchAll(each)][group - 1];
  if (!found) return { ...fields(content), group: '' };
  const [before, behind] = [content.slice(0, found.index), content.slice(found.index + found[0].length)];
  const rest = before.trimEnd() + blank + behind.trimStart();
  return { ...fields(rest.trim()), content, group: found[0].trim() };
}

function fields(content: string): Omit<ListLine, 'line'> {
  const blank = Math.max(content.lastIndexOf(' '), content.lastIndexOf('\t'));
  const last = content.slice(blank + 1);
  return blank > 0 && /^[+-]?\d+$/.test(last)
    ? { content, name: content.slice(0, blank).trimEnd(), label: Number(last) }
    : { content, name: content, label: undefined };
}

/** What to do about a line where nothing better is known. */
export const usualAdvice = 'Correct or remove the line; "root" is the folder that the paths are relative to.';

/**
 * Advice for a line that does not lead to an image. Tries the most common mistakes and checks whether the file would then exist. Undefined
 * if none fits.
 */
export async function adviceOn(line: ListLine, root: string): Promise<string | undefined> {
  for (const advise of [forGroups, forOthersTables, forQuotes, forLabels, forBackslashes, forOtherRoots, forOutside]) {
    const advice = await advise(line, (name) => isFile(resolve(root, name)), root);
    if (advice !== undefined) return advice;
  }
  if (line.content.includes('\r')) return 'Its lines end with only a carriage return: save it with Unix line endings.';
  if (line.content.startsWith('#')) return 'Remove the line: lists cannot have comments.';
  if (line.line === 1 && /\b(image|path|file|filename|label|class)\b/i.test(line.content))
    return 'If it is a header, remove it: lists have none.';
  return nearest(line.name, root);
}

/** `my photo.jpg 3 video-7`, where the group is the fourth field because of the space; in other lines it is the third. */
function forGroups({ content, name, group }: ListLine): string | undefined {
  if (group === '') return 'Name a group on every line; give a single image its own group.';
  if (name === '')
    return 'Write the path of the image and its group; "group" is the number of the field with the group.';
  if (group === undefined || content.includes('\t') || content.split(/ +/).length <= mostFields) return undefined;
  return 'With "group", separate fields by tabs if a path contains spaces.';
}

/** Path, class and group. */
const mostFields = 3;

type IsThere = (name: string) => Promise<boolean>;

const parted = 'Separate path and class by a space or a tab';

/** `a.jpg,0`, `"a.jpg";0`, `0,a.jpg`: comma-separated values. */
async function forOthersTables({ content }: ListLine, isThere: IsThere): Promise<string | undefined> {
  const fields = content.split(/\s*[,;|]\s*/).map(unquoted);
  if (fields.length < 2) return undefined;
  for (const name of fields) {
    if (name === '' || !(await isThere(name))) continue;
    const label = fields.find((field) => /^-?\d+$/.test(field));
    return `${parted}, not by ${/[,;|]/.exec(content)![0]}: ${[name, label].filter(Boolean).join(' ')}`;
  }
  // No path of any form is there, but the line looks like one of a table.
  return /[,;|]\s*-?\d+$/.test(content) ? `${parted}: a list is not in CSV format.` : undefined;
}

async function forQuotes({ name, label }: ListLine, isThere: IsThere): Promise<string | undefined> {
  const bare = unquoted(name);
  return bare !== name && (await isThere(bare))
    ? `Write the path without quotes: ${[bare, label].join(' ').trim()}`
    : undefined;
}

/** `a.jpg 0.5`, `a.jpg cat`, `a.jpg 0 1`, and the class first: `0 a.jpg`. */
async function forLabels({ content, name, label }: ListLine, isThere: IsThere): Promise<string | undefined> {
  const shorter = name.replace(/\s+\S+$/, '');
  if (label !== undefined && shorter !== name && (await isThere(shorter)))
    return 'Write one class, and nothing else, after the path.';
  const [, path = '', last = ''] = /^(.*\S)\s+(\S+)$/.exec(content) ?? [];
  if (path !== '' && label === undefined && (await isThere(path)))
    return /^[+-]?\d+$/.test(last)
      ? `${parted}: the character between them is another kind of space.`
      : `"${last}" is not a class: write a whole number from 0, or -1 if it is unknown.`;
  const [, first = '', rest = ''] = /^(-?\d+)\s+(\S.*)$/.exec(content) ?? [];
  return rest !== '' && (await isThere(rest)) ? `Write the class after the path: ${rest} ${first}` : undefined;
}

async function forBackslashes({ name, label }: ListLine, isThere: IsThere): Promise<string | undefined> {
  if (!name.includes('\\')) return undefined;
  const turned = name.replaceAll('\\', '/');
  if (await isThere(turned)) return `Write / for \\: ${[turned, label].join(' ').trim()}`;
  return 'Write paths with /, relative to "root"; Windows paths (with \\, or a drive) do not work here.';
}

/** An absolute path, or one relative to a folder above the root, or one that starts with the name of the root. */
async function forOtherRoots({ name }: ListLine, isThere: IsThere, root: string): Promise<string | undefined> {
  if (/^[A-Za-z]:/.test(name)) return 'Write the path relative to "root"; drives exist only on Windows.';
  const steps = name.split('/');
  for (let skipped = 1; skipped < steps.length; skipped++) {
    const rest = steps.slice(skipped).join('/');
    if (rest !== '' && (await isThere(rest)))
      return `Paths are relative to ${root}: write ${rest}, or name another "root".`;
  }
  const above = join(dirname(root), name);
  return (await isThere(above)) ? `Paths are relative to ${root}: "root: ${dirname(root)}" would fit.` : undefined;
}

/** A file that exists, but not below the root. */
async function forOutside({ name }: ListLine, isThere: IsThere, root: string): Promise<string | undefined> {
  const path = resolve(root, name);
  const isOutside = (folder: string) => /^\.\.(\/|$)/.test(relative(folder, path));
  if (!isOutside(root) || !(await isThere(name))) return undefined;
  let common = root;
  while (isOutside(common)) common = dirname(common);
  return `Set "root" to a folder that contains all images, such as "root: ${common}", and write this as ${relative(common, path)}.`;
}

/** A file with a similar name. */
async function nearest(name: string, root: string): Promise<string | undefined> {
  const folder = dirname(resolve(root, name));
  const names = await readdir(folder).catch((): string[] => []);
  const wanted = basename(name);
  const sameLetters = names.find((each) => each !== wanted && each.normalize() === wanted.normalize());
  if (sameLetters !== undefined)
    return 'The folder has the name in another Unicode form (NFC or NFD): write it as in the folder, or rename the file.';
  return didYouMean(wanted, names);
}

const unquoted = (text: string) => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
