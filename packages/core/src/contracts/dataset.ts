import type { About, ParametersSchema, z } from './part.ts';

/** What every image has. */
interface ImageBase {
  /** What the image is called in scores.csv, unique in its dataset: usually its path relative to the dataset's root. */
  readonly id: string;
  /** Class, 0..K−1, in the backbone's numbering; absent when unknown. */
  readonly label?: number;
}

/** An image in a file; the path goes to a worker as it is. */
export interface ImageFile extends ImageBase {
  /** Absolute path. */
  readonly path: string;
}

/** An image that comes from elsewhere: an archive, a table, a renderer. */
export interface ImageSource extends ImageBase {
  /**
   * Stands for the bytes: the same version means the same bytes, now and in a later run, so that a second run need not
   * read them. Include what they depend on: the seed and the version of a renderer, the hash of an archive.
   */
  readonly version: string;
  /** The encoded image (JPEG, PNG), read in the main process when its turn comes. */
  readonly read: () => Promise<Uint8Array>;
}

/** One image of a dataset: encoded bytes, never pixels already prepared for one backbone. */
export type DatasetImage = ImageFile | ImageSource;

/** An opened dataset: its images in their order. */
export interface Dataset {
  /** In the order in which scores.csv lists them. */
  readonly images: readonly DatasetImage[];
  /**
   * What was passed over or taken otherwise than one might expect, a sentence each, without a full stop and without the dataset's name,
   * which is put before it. Shown before a run and in its results.
   */
  readonly notes?: readonly string[];
}

/** A named, ordered list of images. Its role (ID test, ID fit, OOD) is the experiment's business. */
export interface DatasetDefinition<P extends ParametersSchema = ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Its parameters; `z.object({})` where it has none. */
  readonly params: P;
  /** Lists the images; reads none of them. */
  readonly open: (params: z.output<P>) => Promise<Dataset>;
}

/** Types a dataset. See `DatasetDefinition`. */
export const defineDataset = <P extends ParametersSchema>(definition: DatasetDefinition<P>): DatasetDefinition =>
  definition;
