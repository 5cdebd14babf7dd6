import { resampleWasm } from './resample-wasm.ts';

/** The memory that the passes work in: an ArrayBuffer that growing replaces. */
export interface PassMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => unknown;
}

/** What assembly/resample.ts exports; its comments say what the numbers are. */
interface Passes {
  readonly memory: PassMemory;
  readonly alongRows: (...numbers: readonly number[]) => void;
  readonly alongColumns: (...numbers: readonly number[]) => void;
}

/** Node has it; TypeScript knows it only together with a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const module = new WebAssembly.Module(Buffer.from(resampleWasm, 'base64'));

/** The two passes of the resize, one instance a process. */
export const passes = new WebAssembly.Instance(module).exports as Passes;
