import { StateDict, type BackboneFiles } from '@farout/core';
import { readOnnx, type NDArray } from '@farout/tensor';
import { GeneratedStateDict } from './generated-state-dict.ts';

/** What a backbone finds under a path: the named arrays of a checkpoint, or the bytes of an ONNX file. */
export type CaseFile = Readonly<Record<string, NDArray>> | Uint8Array;

/** Files by their paths. Without any, every path is a checkpoint that holds whatever is asked of it. */
export type CaseFiles = Readonly<Record<string, CaseFile>> | undefined;

/** Offers files as the host does. `onState` is told of every checkpoint that is opened. */
export const offerFiles = (files: CaseFiles, onState: (state: StateDict) => void): BackboneFiles => ({
  stateDict: (path) => {
    const state = files
      ? new StateDict(new Map(Object.entries(checkpoint(files, path))), path)
      : new GeneratedStateDict();
    onState(state);
    return Promise.resolve(state);
  },
  onnx: (path) => readOnnx(bytes(files ?? {}, path)),
});

function checkpoint(files: NonNullable<CaseFiles>, path: string): Exclude<CaseFile, Uint8Array> {
  const file = files[path];
  if (file && !isBytes(file)) return file;
  throw new TypeError(`the case has no checkpoint "${path}"`);
}

function bytes(files: NonNullable<CaseFiles>, path: string): Uint8Array {
  const file = files[path];
  if (file && isBytes(file)) return file;
  throw new TypeError(`the case has no ONNX file "${path}"`);
}

/** The same files in memory of their own. */
export const copyFiles = (files: CaseFiles): CaseFiles =>
  files && Object.fromEntries(Object.entries(files).map(([path, file]) => [path, copyFile(file)]));

const copyFile = (file: CaseFile): CaseFile =>
  isBytes(file)
    ? new Uint8Array(file)
    : Object.fromEntries(Object.entries(file).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));

const isBytes = (file: CaseFile): file is Uint8Array => file instanceof Uint8Array;
