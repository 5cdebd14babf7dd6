import { expect, it } from '@jest/globals';
import { decoderVersions } from '../src/decoder-versions.ts';

it('names sharp and the libraries behind it with their versions', () => {
  expect(Object.keys(decoderVersions)).toEqual(['sharp', 'libvips', 'mozjpeg', 'libpng', 'libwebp', 'libtiff']);
  expect(decoderVersions.sharp).toMatch(/^\d+\.\d+\.\d+/);
});
