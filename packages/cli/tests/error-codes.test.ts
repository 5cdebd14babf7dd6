import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '@farout/core';

const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** The document's chapters, as `[heading, body]`; the one of the request first. */
const [, ofRequest = '', ofRun = ''] = text.split(/^## The .*\n/m);
const sections = (chapter: string) =>
  new Map(
    chapter
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.split('\n')[0]!, section] as const),
  );
const documented = { request: sections(ofRequest), run: sections(ofRun) };

describe('docs/errors.md', () => {
  it('has a section for every error code, and for nothing else', () => {
    const all = [...documented.request.keys(), ...documented.run.keys()];
    expect(all.sort()).toEqual(Object.keys(errorCodes).sort());
  });

  it.each(Object.entries(errorCodes))(
    'says of %s what the code says, gives an example and a way out',
    (code, error) => {
      const section = documented[error.kind].get(code) ?? '';
      const [, meaning] = section.split('\n\n');
      expect(meaning!.replaceAll('\n', ' ')).toBe(error.meaning);
      expect(section).toContain('\n\n- Example: ');
      expect(section).toContain('\n- What to do: ');
    },
  );
});
