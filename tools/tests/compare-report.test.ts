import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compareReport } from '../api/compare-report.ts';

let folder: string;
const at = (file: string) => path.join(folder, file);
const report = () => readFileSync(at('reports/sample.api.md'), 'utf8');
const compare = (replace: boolean) =>
  compareReport(folder, { folder: at('reports'), temporary: at('temporary'), replace });
/** Makes these the declarations of a package @farout/sample. */
const declare = (declarations: string) => writeFileSync(at('dist/index.d.ts'), declarations);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-api-'));
  for (const name of ['dist', 'reports']) mkdirSync(at(name));
  writeFileSync(at('package.json'), '{ "name": "@farout/sample", "version": "1.0.0", "type": "module" }');
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), at('node_modules'), 'junction');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the report of what a package exports', () => {
  it('is written where there is none', () => {
    declare('export declare function double(x: number): number;');
    expect(compare(true)).toEqual({ file: 'sample.api.md', changed: true, patch: '' });
    expect(report()).toContain('export function double(x: number): number;');
  });

  it('is found missing, and not written, where it is only compared', () => {
    declare('export declare const one: 1;');
    expect(compare(false).changed).toBe(true);
    expect(existsSync(at('reports/sample.api.md'))).toBe(false);
  });

  it('holds what an export mentions, and nothing that none mentions', () => {
    declare('interface Seen { deep: 1 } interface Unseen { dark: 1 } export declare const seen: Seen; export {};');
    compare(true);
    expect(report()).toContain('interface Seen');
    expect(report()).not.toContain('Unseen');
  });

  it('is the same after a change that nobody who imports the package can feel', () => {
    declare('interface Unseen { dark: 1 } /** One. */ export declare const one: 1; export {};');
    compare(true);
    declare('interface Unseen { dark: 2 } /** The number 1. */ export declare const one: 1; export {};');
    expect(compare(false)).toEqual({ file: 'sample.api.md', changed: false, patch: '' });
  });

  it('is kept where it is only compared, with the change as a patch', () => {
    declare('/** One. */ export declare const one: 1;');
    compare(true);
    const before = report();
    declare('/** One. */ export declare const one: 2;');
    const { changed, patch } = compare(false);
    expect(changed).toBe(true);
    expect(patch).toContain('\n-export const one: 1;\n');
    expect(patch).toContain('\n+export const one: 2;\n');
    expect(report()).toBe(before);
  });

  it('is replaced where it may be', () => {
    declare('export declare const one: 1;');
    compare(true);
    declare('export declare const two: 2;');
    compare(true);
    expect(report()).toContain('export const two: 2;');
    expect(report()).not.toContain('one');
  });

  it('is refused for declarations that are broken', () => {
    declare('export declare const one: ;');
    expect(() => compare(true)).toThrow();
  });

  it('is refused for what is no declaration, by the name of the file', () => {
    writeFileSync(at('dist/one.ts'), 'export const one = 1;');
    declare("export * from './one.ts';");
    expect(() => compare(true)).toThrow(/one\.ts:1:1 .*ae-wrong-input-file-type/);
  });
});
