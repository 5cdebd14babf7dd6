/** The heading of the unreleased section. */
const heading = '## Unreleased';

/**
 * The section of CHANGELOG.md for the next version; empty if it has no entries.
 *
 * @throws Error when the file has no section for it.
 */
export function unreleased(changelog: string): string {
  const [, section] = parts(changelog);
  return section.trim();
}

/**
 * CHANGELOG.md with the unreleased section renamed to the version, and a new empty section above it.
 *
 * @param date such as 2027-01-31
 * @throws Error when the file has no section for the next version, or one of this version already.
 */
export function releasedAs(changelog: string, version: string, date: string): string {
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has a section for ${version} already.`);
  const [before, section, after] = parts(changelog);
  return `${before}${heading}\n\n## ${version} – ${date}\n\n${section.trim()}\n${after === '' ? '' : `\n${after}`}`;
}

/** Whether an entry announces a breaking change that API reports do not show, such as a key of experiments. */
export const saysBreaking = (notes: string): boolean => /^- \*\*Breaks\b/m.test(notes);

/** The text before the section, the section without its heading, and the text after it. */
function parts(changelog: string): [string, string, string] {
  const start = changelog.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md has no section "${heading}".`);
  const rest = changelog.slice(start + heading.length);
  const next = rest.search(/\n## /);
  const [section, after] = next < 0 ? [rest, ''] : [rest.slice(0, next), rest.slice(next + 1)];
  return [changelog.slice(0, start), section, after];
}
