import { describe, expect, it } from '@jest/globals';
import { circlesIn } from '../rooms/circles.ts';
import { readSource } from '../rooms/read-source.ts';

describe('what `npm run rooms` counts', () => {
  it('of a source are its lines, its named functions, what it imports, and what of that it loads', () => {
    const text = `import type { A } from './a.ts';
import { b, type C } from '../b.ts';
import { join } from 'node:path';
export type { D } from './d.ts';
export * from './e.ts';

/** Not counted: a comment. */
export function long(list: A[]) {
  return list.map((each) => {
    return each;
  });
}
const short = () => b(join);
class Machine {
  constructor() {
    short();
  }
  get state() { return 1; }
}
`;
    expect(readSource('x/src/room/file.ts', text)).toEqual({
      file: 'x/src/room/file.ts',
      lines: 19,
      exports: true,
      functions: [5, 1, 3, 1],
      imports: ['x/src/room/a.ts', 'x/src/b.ts', 'x/src/room/d.ts', 'x/src/room/e.ts'],
      loads: ['x/src/b.ts', 'x/src/room/e.ts'],
    });
  });

  it('are circles, each with the way around it; two ways to one place are none', () => {
    const arrows = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [], e: ['f'], f: ['g', 'a'], g: ['e'] };
    expect(circlesIn(new Map(Object.entries(arrows)))).toEqual([['e', 'f', 'g', 'e']]);
  });
});
