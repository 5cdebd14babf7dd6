import { describe, expect, it } from '@jest/globals';
import { releasedAs, saysBreaking, unreleased } from '../../release/changelog.ts';

const changelog = '# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- A.\n\n## 0.1.0 – 2027-01-01\n\n- B.\n';

describe('CHANGELOG.md', () => {
  it('says what no version has yet', () => {
    expect(unreleased(changelog)).toBe('### Added\n\n- A.');
    expect(unreleased('## Unreleased\n\n## 0.1.0 – 2027-01-01\n')).toBe('');
  });

  it('is refused without a section for it', () => {
    expect(() => unreleased('# Changelog\n')).toThrow('"## Unreleased"');
  });

  it('has the section under the name of the version after a release, and an empty one above it', () => {
    const released = releasedAs(changelog, '0.2.0', '2027-02-03');
    expect(released).toBe(
      '# Changelog\n\nWords.\n\n## Unreleased\n\n## 0.2.0 – 2027-02-03\n\n### Added\n\n- A.\n\n## 0.1.0 – 2027-01-01\n\n- B.\n',
    );
    expect(unreleased(released)).toBe('');
  });

  it('ends with one newline where the section was the last', () => {
    expect(releasedAs('## Unreleased\n\n- A.\n', '0.1.0', '2027-01-01')).toBe(
      '## Unreleased\n\n## 0.1.0 – 2027-01-01\n\n- A.\n',
    );
  });

  it('gets no second section of a version', () => {
    expect(() => releasedAs(changelog, '0.1.0', '2027-02-03')).toThrow('a section for 0.1.0 already');
  });

  it('says by an entry that something is broken which no report shows', () => {
    expect(saysBreaking('- **Breaks experiments:** `fit` is called `learn`.')).toBe(true);
    expect(saysBreaking('- Nothing **Breaks** here.')).toBe(false);
  });
});
