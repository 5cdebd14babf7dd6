import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { didYouMean } from '@farout/core';

/** Longest file name in common file systems, in bytes. */
const longestName = 255;

/**
 * What may be wrong with a path that does not exist, as a sentence: a Windows path, an escape sequence, a variable
 * that is not substituted here, a typo. `folder` is what it is relative to. Undefined if nothing is apparent.
 */
export async function adviceOnPath(written: string, folder: string): Promise<string | undefined> {
  return adviceOnForm(written) ?? (await nearby(written, folder));
}

function adviceOnForm(written: string): string | undefined {
  if (/^[a-z]{2,}:\/\//i.test(written)) return 'Paths must be on this machine: download the file first.';
  if (/[\p{Cc}]/u.test(written))
    return 'It has a control character: in double quotes \\t and \\n are a tab and a line break. Use single quotes, or / for \\.';
  if (process.platform !== 'win32' && /^[A-Za-z]:[\\/]/.test(written)) {
    const rest = written.slice(2).replaceAll('\\', '/');
    return `A path with a drive is a Windows path; under WSL it is "/mnt/${written[0]!.toLowerCase()}${rest}".`;
  }
  if (written.includes('\\')) return `Write / for \\: "${written.replaceAll('\\', '/')}".`;
  return adviceOnUnreplaced(written) ?? adviceOnLength(written);
}

/** What a shell would have substituted: `~` and `$HOME`. */
export function adviceOnUnreplaced(written: string): string | undefined {
  if (/^~(\/|$)/.test(written)) return `"~" is not replaced here: write "\${HOME}${written.slice(1)}".`;
  const [reference, name] = /\$([A-Za-z_]\w*)/.exec(written) ?? [];
  return reference === undefined
    ? undefined
    : `"${reference}" is not replaced here: write "\${${name!}}", with braces.`;
}

function adviceOnLength(written: string): string | undefined {
  const tooLong = written.split('/').some((name) => Buffer.byteLength(name) > longestName);
  return tooLong ? `File names have at most ${longestName} bytes.` : undefined;
}

/** The path with its first missing step replaced by the most similar name in that folder. */
async function nearby(written: string, folder: string): Promise<string | undefined> {
  const steps = written.split('/');
  for (let at = 0; at < steps.length; at++) {
    const above = path.resolve(folder, steps.slice(0, at).join('/') || (written.startsWith('/') ? '/' : '.'));
    if (steps[at] === '' || (await isThere(path.join(above, steps[at]!)))) continue;
    const names = await readdir(above).catch((): string[] => []);
    const meant = nearestName(steps[at]!, names);
    return meant === undefined ? undefined : `Did you mean "${steps.with(at, meant).join('/')}"?`;
  }
  return undefined;
}

/** Also finds a name without its extension: `demo` for `demo.yaml`. */
function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const withExtension = names.filter((name) => path.parse(name).name === wanted);
  if (withExtension.length === 1) return withExtension[0];
  return /"(.*)"/s.exec(didYouMean(wanted, names) ?? '')?.[1];
}

const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** A name as shown in messages: very long ones are shortened. */
export const shortened = (name: string): string =>
  name.length <= 120 ? name : `${name.slice(0, 100)}… (${name.length} characters)`;
