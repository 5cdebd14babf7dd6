/** The heading of what no version has yet. */
const heading = '## Unreleased';

/**
 * What CHANGELOG.md says of the next version; empty when it says nothing.
 *
 * @throws Error when the file has no section for it.
 */
export function unreleased(changelog: string): string {
  const [, section] = parts(changelog);
  return section.trim();
}

/**
 * CHANGELOG.md with the section of the next version under the version's name, and an empty section above it.
 *
 * @param date such as 2027-01-31
 * @throws Error when the file has no section for the next version, or one of this version already.
 */
export function releasedAs(changelog: string, version: string, date: string): string {
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has a section for ${version} already.`);
  const [before, section, after] = parts(changelog);
  return `${before}${heading}\n\n## ${version} – ${date}\n\n${section.trim()}\n${after === '' ? '' : `\n${after}`}`;
}

/** Whether an entry says that it breaks something that no report of exports shows, such as a key of experiments. */
export const saysBreaking = (notes: string): boolean => /^- \*\*Breaks\b/m.test(notes);

/** What stands before the section, the section without its heading, and what stands behind it. */
function parts(changelog: string): [string, string, string] {
  const start = changelog.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md has no section "${heading}".`);
  const rest = changelog.slice(start + heading.length);
  const next = rest.search(/\n## /);
  const [section, after] = next < 0 ? [rest, ''] : [rest.slice(0, next), rest.slice(next + 1)];
  return [changelog.slice(0, start), section, after];
}
