import { homedir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cacheFolder, pulledFolder } from '@farout/acquire';

const { FAROUT_CACHE, XDG_CACHE_HOME } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ FAROUT_CACHE, XDG_CACHE_HOME })) set(name, value);
});

function set(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

describe('the cache folder', () => {
  it.each([
    ['/data/farout', '/data/farout'],
    ['kept', path.resolve('kept')],
  ])('is the one that FAROUT_CACHE names: %s', (named, folder) => {
    set('FAROUT_CACHE', named);
    expect(cacheFolder()).toBe(folder);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('lies in that of the user else', () => {
    set('FAROUT_CACHE', '');
    set('XDG_CACHE_HOME', '/data/cache');
    expect(cacheFolder()).toBe('/data/cache/farout');
    set('XDG_CACHE_HOME', undefined);
    expect(cacheFolder()).toBe(path.join(homedir(), '.cache', 'farout'));
  });

  it.each([
    ['farout-flowers', 'farout-flowers'],
    ['@farout/backbones', '@farout/backbones'],
    ['../../up', '_/_/up'],
    ['/etc', 'etc'],
    ['two words: "ä"', 'two_words_____'],
    ['.hidden', '_hidden'],
  ])('keeps what a plugin of any name has, and nothing of it elsewhere: %s', (name, folder) => {
    set('FAROUT_CACHE', '/data');
    expect(pulledFolder(name)).toBe(path.join('/data/pulled', folder));
  });
});
