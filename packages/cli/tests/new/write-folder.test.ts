import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFolder } from '../../src/new/write-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'farout-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string) => path.join(root, name);
const write = (name: string, files: Parameters<typeof writeFolder>[2] = { 'a.txt': 'new' }) =>
  writeFolder(at(name), name, files);
const isThere = expect.objectContaining({ code: 'OOD_BAD_COMMAND', message: 'mine is there already' });

describe('writeFolder', () => {
  it('writes text and bytes, at any depth, and leaves nothing beside them', async () => {
    await write('mine', { 'a.txt': 'é', 'b/c/d.bin': Uint8Array.of(0, 255) });
    expect(readFileSync(at('mine/a.txt'), 'utf8')).toBe('é');
    expect([...readFileSync(at('mine/b/c/d.bin'))]).toEqual([0, 255]);
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it('makes a folder as open as others that the user makes', async () => {
    await write('mine');
    mkdirSync(at('other'));
    expect(statSync(at('mine')).mode).toBe(statSync(at('other')).mode);
  });

  it.each([
    ['a folder', () => mkdirSync(at('mine'))],
    ['a file', () => writeFileSync(at('mine'), 'old')],
    ['a link that leads nowhere', () => symlinkSync(at('nowhere'), at('mine'))],
  ])('refuses %s that is there, and leaves it', async (_, make) => {
    make();
    await expect(write('mine')).rejects.toEqual(isThere);
    expect(readdirSync(root)).toEqual(['mine']);
  });

  it('leaves nothing when one file of many cannot be written', async () => {
    await expect(write('mine', { 'a.txt': 'new', 'a.txt/b.txt': 'below a file' })).rejects.toThrow();
    expect(readdirSync(root)).toEqual([]);
  });

  it('does not make the folders above', async () => {
    await expect(write('no/such')).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('leaves to somebody who was quicker what is theirs', async () => {
    let made = false;
    const slow = {
      // The folder appears while files are being written.
      get 'a.txt'() {
        if (!made) mkdirSync(at('mine/theirs'), { recursive: true });
        made = true;
        return 'new';
      },
    };
    await expect(write('mine', slow)).rejects.toEqual(isThere);
    expect(readdirSync(at('mine'))).toEqual(['theirs']);
  });
});
