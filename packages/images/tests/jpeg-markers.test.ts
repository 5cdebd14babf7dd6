import { describe, expect, it } from '@jest/globals';
import { readJpegMarkers } from '../src/jpeg-markers.ts';

const start = [0xff, 0xd8];
const end = [0xff, 0xd9];
/** A frame header (SOF0) of an 8 × 8 image. */
const frame = (components: number) => [0xff, 0xc0, 0, 8, 8, 0, 8, 0, 8, components];
const scan = [0xff, 0xda, 0, 2];

describe('readJpegMarkers', () => {
  it.each([
    { title: 'reads the number of components', bytes: [...start, ...frame(4), ...scan, ...end], components: 4 },
    {
      title: 'steps over FF bytes inside a segment',
      bytes: [...start, 0xff, 0xe0, 0, 4, 0xff, 0xc0, ...frame(1), ...scan, ...end],
      components: 1,
    },
    {
      title: 'accepts stuffed zeros, restarts and repeated FF in the image data',
      bytes: [...start, ...frame(3), ...scan, 1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0xd7, ...end],
      components: 3,
    },
    {
      title: 'accepts tables, comments and application data between scans',
      bytes: [...start, ...frame(3), ...scan, 0xff, 0xc4, 0, 2, 0xff, 0xfe, 0, 3, 9, 0xff, 0xed, 0, 2, ...scan, ...end],
      components: 3,
    },
    {
      title: 'finds a second frame header after a scan',
      bytes: [...start, ...frame(3), ...scan, ...frame(3), ...end],
      components: 3,
      stray: 0xc0,
    },
    {
      title: 'finds a reserved marker after a scan',
      bytes: [...start, ...frame(3), ...scan, 7, 0xff, 0x25, ...end],
      components: 3,
      stray: 0x25,
    },
    {
      title: 'reads nothing behind the end of the image',
      bytes: [...start, ...frame(3), ...scan, ...end, 0xff, 0x25],
      components: 3,
    },
    { title: 'leaves a file without frame header to the decoder', bytes: [...start, ...end], components: undefined },
    {
      title: 'leaves a segment that reaches beyond the file to the decoder',
      bytes: [...start, 0xff, 0xe0, 0xff, 0xff, 1],
      components: undefined,
    },
    {
      title: 'leaves a file that ends within a marker to the decoder',
      bytes: [...start, ...frame(3), ...scan, 0xff],
      components: 3,
    },
  ])('$title', ({ bytes, components, stray }) => {
    expect(readJpegMarkers(Uint8Array.from(bytes))).toEqual({ components, stray });
  });
});
