/** The kinds of parts that there are templates of. */
export const partKinds = ['backbone', 'hook', 'scorer', 'dataset', 'metric'] as const;

export type PartKind = (typeof partKinds)[number];

/** What a package can be of: one part, or several. */
export const newKinds = [...partKinds, 'plugin'] as const;

export type NewKind = (typeof newKinds)[number];

/** A package that is to be written. */
export interface NewPackage {
  readonly kind: NewKind;
  /** Of the package, and of its part when it has one. */
  readonly name: string;
  readonly language: 'ts' | 'js';
}

/** A part of it: its name is also its file's. */
export interface NewPart {
  readonly kind: PartKind;
  readonly name: string;
}

/** The files of a package: path in it, with forward slashes → content. */
export type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

/** What a package of several parts begins with. A backbone is left out: experiments have one each. */
const ofPlugin = partKinds.filter((kind) => kind !== 'backbone');

/** The parts of a package, in the order of `partKinds`. */
export const partsOf = ({ kind, name }: NewPackage): readonly NewPart[] =>
  kind === 'plugin' ? ofPlugin.map((each) => ({ kind: each, name: `${name}-${each}` })) : [{ kind, name }];
