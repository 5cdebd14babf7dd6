import type { SourcePlace } from '@farout/core';
import { LineCounter } from 'yaml';

/** A text with YAML in it: a whole file, or the value of a `--set`. */
export class SourceText {
  /** What places call it. */
  readonly file: string;
  /** Absolute folder that relative paths in it are relative to. */
  readonly folder: string;
  /** Filled by the parser of `yaml`, whose offsets it turns into lines. */
  readonly lineCounter = new LineCounter();
  readonly #text: string;
  /** Where the YAML begins, on the first line. */
  readonly #start: number;

  constructor(file: string, folder: string, text: string, start = 0) {
    this.file = file;
    this.folder = folder;
    this.#text = text;
    this.#start = start;
  }

  get yaml(): string {
    return this.#text.slice(this.#start);
  }

  /** The place of a stretch of the YAML; its length ends with its first line. */
  place(from: number, to: number): SourcePlace {
    const { line, col } = this.lineCounter.linePos(from);
    const [firstLine = ''] = this.yaml.slice(from, to).split(/\r?\n/, 1);
    return {
      file: this.file,
      line: Math.max(1, line),
      column: line <= 1 ? this.#start + from + 1 : col,
      length: Math.max(1, firstLine.trimEnd().length),
      text: this.#text,
    };
  }
}
