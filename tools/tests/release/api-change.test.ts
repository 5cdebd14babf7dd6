import { describe, expect, it } from '@jest/globals';
import { compareApi } from '../../release/api-change.ts';

const report = (...declarations: string[]) =>
  `## API Report File for "@farout/sample"\n\n\`\`\`ts\n\nimport { z } from 'zod';\n\n${declarations.join('\n\n')}\n\n\`\`\`\n`;
const part = (...members: string[]) => `// @public\nexport interface Part {\n${members.join('\n')}\n}`;
const one = '// @public\nexport const one: 1;';

describe('the change between two reports of what a package exports', () => {
  it('is none where only comments and the order are others', () => {
    const commented = one.replace('// @public', '// @public (undocumented)');
    expect(compareApi(report(one, part('    a: 1;')), report(part('    a: 1;'), commented))).toEqual({
      change: 'nothing',
      broken: [],
      added: [],
    });
  });

  it('breaks plugins where a line is gone', () => {
    expect(compareApi(report(part('    a: 1;', '    b: 2;')), report(part('    a: 1;')))).toMatchObject({
      change: 'breaks',
      broken: ['Part'],
    });
  });

  it('breaks plugins where a line has changed, whatever else is new', () => {
    expect(compareApi(report(part('    a: 1;')), report(one, part('    a: 2;')))).toEqual({
      change: 'breaks',
      broken: ['Part'],
      added: ['one'],
    });
  });

  it('breaks plugins where a declaration is gone, or the whole package', () => {
    expect(compareApi(report(one, part()), report(part()))).toMatchObject({ change: 'breaks', broken: ['one'] });
    expect(compareApi(report(one), undefined)).toMatchObject({ change: 'breaks', broken: ['one'] });
  });

  it('breaks plugins where a line moves from one declaration to another', () => {
    const other = part('    b: 2;').replace('Part', 'Other');
    const before = report(part('    a: 1;', '    b: 2;'), other);
    const now = report(part('    a: 1;'), other.replace('    b: 2;', '    b: 2;\n    b: 2;'));
    expect(compareApi(before, now)).toMatchObject({ change: 'breaks', broken: ['Part'], added: ['Other'] });
  });

  it('adds something where a member, a declaration or a package is new', () => {
    expect(compareApi(report(part('    a: 1;')), report(part('    a: 1;', '    b: 2;')))).toMatchObject({
      change: 'adds',
      added: ['Part'],
    });
    expect(compareApi(report(), report(one))).toMatchObject({ change: 'adds', added: ['one'] });
    expect(compareApi(undefined, report(one))).toMatchObject({ change: 'adds', added: ['one'] });
  });

  it('is none where what is marked internal changes', () => {
    const withInternal = (value: number) =>
      report(
        `// @internal\nexport const hidden: ${value};`,
        `// @public\nexport class Part {\n    // @internal\n    constructor(a: ${value});\n    b(): void;\n}`,
      );
    expect(compareApi(withInternal(1), withInternal(2)).change).toBe('nothing');
  });

  it('keeps all overloads of a function', () => {
    const twice = (to: string) => ['number', to].map((type) => `export function f(x: ${type}): void;`);
    expect(compareApi(report(...twice('string')), report(...twice('boolean'))).broken).toEqual(['f']);
  });
});
