import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkInstalled } from '../../release/check-installed.ts';

let folder: string;
function install(place: string, manifest: object): void {
  const target = path.join(folder, 'node_modules', place);
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'package.json'), JSON.stringify({ name: place, version: '1.0.0', ...manifest }));
}
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-installed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what is installed with the packages', () => {
  it('is counted by licence, packages within others too', () => {
    install('a', { license: 'MIT', scripts: { test: 'jest' } });
    install('@b/c', { license: '(MIT OR GPL-3.0-only)' });
    install('a/node_modules/d', { license: 'MIT' });
    expect(checkInstalled(folder)).toEqual({
      packages: 3,
      licences: new Map([
        ['(MIT OR GPL-3.0-only)', 1],
        ['MIT', 2],
      ]),
      faults: [],
    });
  });

  it.each([
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
    'LGPL-3.0-or-later',
    'SEE LICENSE IN x.txt',
    undefined,
    { type: 'MIT' },
  ])('must not come under %j', (license) => {
    install('a', { license });
    expect(checkInstalled(folder).faults).toEqual([expect.stringMatching(/^a 1\.0\.0 has the licence/)]);
  });

  it('may be libvips under the LGPL, which is loaded as it is', () => {
    install('@img/sharp-libvips-linux-x64', { license: 'LGPL-3.0-or-later' });
    expect(checkInstalled(folder).faults).toEqual([]);
  });

  it.each(['preinstall', 'install', 'postinstall'])('must not run a script: %s', (script) => {
    install('a', { license: 'MIT', scripts: { [script]: 'node-gyp rebuild' } });
    expect(checkInstalled(folder).faults).toEqual([`a 1.0.0 has a script "${script}"`]);
  });
});
