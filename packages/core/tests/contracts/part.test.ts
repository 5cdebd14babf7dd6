import { describe, expect, it } from '@jest/globals';
import { filePath, folderPath, imageParameters, isAddress, pathMark, z } from '../../src/index.ts';

describe('pathMark', () => {
  it('tells files from folders', () => {
    expect(pathMark(filePath())).toBe('file');
    expect(pathMark(folderPath())).toBe('folder');
  });

  it.each([
    ['optional', filePath().optional()],
    ['with a default', filePath().default('weights.pth')],
    ['nullable', filePath().nullable()],
    ['described', filePath().describe('a checkpoint')],
    ['described and optional', filePath().optional().describe('a checkpoint')],
    ['optional with a default', filePath().optional().default('weights.pth')],
  ])('is still seen when the parameter is %s', (_, schema) => {
    expect(pathMark(schema)).toBe('file');
  });

  it('is on nothing else', () => {
    for (const schema of [z.string(), z.number().default(1), z.object({ file: filePath() }), z.array(filePath())]) {
      expect(pathMark(schema)).toBeUndefined();
    }
  });

  it('is that of one of several in a union, but not of a text that the union has as a word of its own', () => {
    const schema = z.union([z.literal('all'), z.array(z.string()), filePath()]).optional();
    expect(pathMark(schema)).toBe('file');
    expect(pathMark(schema, 'names.txt')).toBe('file');
    expect(pathMark(schema, 'all')).toBeUndefined();
    expect(pathMark(z.union([z.string(), z.number()]))).toBeUndefined();
  });

  it('is not on an address of a folder where the part takes such, but on one of a file, which is loaded first', () => {
    const folder = folderPath({ addresses: true }).optional().describe('where images lie');
    expect(pathMark(folder, 'images')).toBe('folder');
    expect(pathMark(folder, 'HTTPS://a.example/images')).toBeUndefined();
    expect(pathMark(folderPath(), 'https://a.example/images')).toBe('folder');
    expect(pathMark(filePath(), 'https://a.example/list.txt')).toBe('file');
    for (const other of ['ftp://a.example/', 'https:/a', 'a/http://b', 5]) expect(isAddress(other)).toBe(false);
  });

  it('does not let an empty path pass', () => {
    expect(filePath().safeParse('').success).toBe(false);
    expect(folderPath().safeParse('').success).toBe(false);
  });
});

describe('imageParameters', () => {
  const schema = z.object(imageParameters);

  it("default to torchvision's evaluation on ImageNet", () => {
    expect(schema.parse({})).toEqual({
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      resize: 256,
      crop: 224,
      interpolation: 'bilinear',
      sides: 'shorter',
    });
  });

  it.each([
    ['std', [0.2, 0, 0.2]],
    ['mean', [0.5, 0.5]],
    ['resize', 0],
    ['resize', 255.5],
    ['crop', 5000],
    ['crop', '224'],
    ['interpolation', 'nearest'],
    ['sides', 'longer'],
  ])('refuse %s = %j by its name', (name, value) => {
    expect(schema.safeParse({ [name]: value }).error?.issues[0]?.path[0]).toBe(name);
  });
});
