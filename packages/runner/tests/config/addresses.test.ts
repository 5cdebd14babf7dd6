import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultOfAddress, namedFile } from '../../src/config/addresses.ts';

const before = process.env.FAROUT_CACHE;
beforeAll(() => {
  process.env.FAROUT_CACHE = '/cache';
});
afterAll(() => {
  if (before === undefined) delete process.env.FAROUT_CACHE;
  else process.env.FAROUT_CACHE = before;
});

const digest = 'ab'.repeat(32);
const kept = (address: string) => namedFile(address, '/folder').absolute;

describe('a file that an experiment names', () => {
  it('is a path relative to a folder, or what was loaded from an address', () => {
    expect(namedFile('../a.pth', '/folder/configs')).toEqual({ absolute: path.resolve('/folder/a.pth') });
    const address = 'https://a.example/models/a.pth';
    expect(namedFile(address, '/folder').address).toBe(address);
    expect(kept(address)).toMatch(/^\/cache\/addresses\/[0-9a-f]{64}\/a\.pth$/);
  });

  it('is another file for another address, and the same one for the same checksum', () => {
    expect(kept('https://a.example/a.pth')).not.toBe(kept('https://b.example/a.pth'));
    const [one, other] = ['a', 'b'].map((host) => kept(`https://${host}.example/a.pth#sha256=${digest}`));
    expect(one).toBe(`/cache/addresses/sha256-${digest}/a.pth`);
    expect(other).toBe(one);
  });

  it.each([
    ['https://a.example/', 'file'],
    ['https://a.example/..%2f..%2fetc%2fpasswd', 'passwd'],
    ['https://a.example/%2e%2e/a.pth', 'a.pth'],
    ['https://a.example/my%20file%00.pth', 'my_file_.pth'],
    ['https://a.example/%E0%A4%A', '_E0_A4_A'],
    [`https://a.example/a.pth#sha256=../../x`, 'a.pth'],
  ])('lies in the cache whatever its address is: %s', (address, name) => {
    expect(kept(address)).toMatch(/^\/cache\/addresses\/[\w-]+\/[^/]+$/);
    expect(path.basename(kept(address))).toBe(name);
  });
});

describe('an address in an experiment', () => {
  it.each([
    ['https://a.example/a.pth', undefined],
    [`http://127.0.0.1:8080/a.pth#sha256=${digest}`, undefined],
    ['https://', 'this is not a valid address'],
    ['https://me:word@a.example/a', 'an address of a.example contains a user name or a password'],
    ['https://me@a.example/a', 'an address of a.example contains a user name or a password'],
    ['https://a.example/a?key=word', 'an address of a.example has a query, which would be stored with the results'],
    ['https://a.example/a#sha256=abc', '"#sha256=abc" at the end of an address is not a checksum'],
  ])('%s: %s', (address, fault) => {
    expect(faultOfAddress(address)?.fault).toBe(fault);
  });
});
