import type { NDArray } from '@farout/tensor';
import type { About, ParametersSchema, z } from './part.ts';

/** What every image has. */
interface ImageBase {
  /** What the image is called in scores.csv, unique in its dataset: usually its path relative to the dataset's root. */
  readonly id: string;
  /** Class, 0..K−1, in the backbone's numbering; absent when unknown. */
  readonly label?: number;
  /**
   * Names the source that it shares with other images of its set, such as the photograph of which all corruptions are made, or the video
   * of which all frames are: where an interval asks what other images would give, they are drawn together. Sets that are in distribution
   * together share sources of one name; those of an ID and an OOD set have nothing to do with one another. Absent where it is alone.
   */
  readonly group?: string;
}

/** Where an image's bytes lie within something larger, as in the shard of a packed set. */
export interface Stretch {
  /** The first byte, counted from 0; 0 when it is absent. */
  readonly offset?: number;
  /** How many bytes, 1 GiB at most; all up to the end when it is absent. */
  readonly length?: number;
}

/** An image in a file, or in a stretch of one; workers read it. */
export interface ImageFile extends ImageBase, Stretch {
  /** Absolute path. */
  readonly path: string;
}

/**
 * An image behind an address, or in a stretch of what lies there; workers read it, a stretch by a range request. What cannot be read at the
 * moment is left out of the run, and the next one tries it again.
 */
export interface ImageAddress extends ImageBase, Stretch {
  /** `http:` or `https:`, without a user name or a password. What follows the host is named in no message. */
  readonly url: string;
  /**
   * Stands, with offset and length, for the bytes: the same version means the same bytes, now and in a later run, wherever they lie. A
   * checksum of the file, or the release of the set.
   */
  readonly version: string;
}

/** Decoded pixels, resized and cropped as those of a file are. */
export interface RawPixels {
  /** Red, green, blue of each pixel, row by row from the top. */
  readonly data: Uint8Array;
  /** Height, width, 3. */
  readonly shape: readonly [height: number, width: number, channels: 3];
}

/** An image that is in memory; for few or small ones. */
export interface ImagePixels extends ImageBase {
  readonly pixels: RawPixels;
}

/** An image that comes from elsewhere: an archive, a table, a renderer. */
export interface ImageSource extends ImageBase {
  /**
   * Stands for the bytes: the same version means the same bytes, now and in a later run, so that a second run need not
   * read them. Include what they depend on: the seed and the version of a renderer, the hash of an archive.
   */
  readonly version: string;
  /** The encoded image (JPEG, PNG) or its pixels, read in the main process when its turn comes. */
  readonly read: () => Promise<Uint8Array | RawPixels>;
}

/** An image of which only the numbers are there that a network made of it: a row of the dataset's arrays. */
export interface ImageRow extends ImageBase {
  /** Which row of each array, counted from 0. */
  readonly row: number;
}

/** One image of a dataset, encoded or as its own pixels, never as those already prepared for one backbone; or what was made of it. */
export type DatasetImage = ImageFile | ImageAddress | ImagePixels | ImageSource | ImageRow;

/** An array in a file: its first axis counts rows, of which stretches are read; it need not fit into memory. */
export interface StoredArray {
  /** Sizes of all axes, the rows first. */
  readonly shape: readonly number[];
  /**
   * The rows from `from` on, shape (count, …). Numbers with a fraction come as float32, rounded to the nearest where the file has
   * more of them; whole ones as int32, int64 or uint8.
   *
   * @throws FaroutError OOD_ARRAY_INVALID when the file has become another; RangeError for rows that it does not have.
   */
  readonly read: (from: number, count: number) => Promise<NDArray>;
}

/** An opened dataset: its images in their order. */
export interface Dataset {
  /** In the order in which scores.csv lists them. */
  readonly images: readonly DatasetImage[];
  /** What the backbone's classes are called, all K in its numbering: results.json and reports name predicted classes by them. */
  readonly classes?: readonly string[];
  /**
   * Where its images are rows (`ImageRow`): the arrays that have them, by name, all with as many rows. `features` (rows, D) is what the
   * last layer reads; any other is a tap of that name, (rows, …).
   */
  readonly arrays?: Readonly<Record<string, StoredArray>>;
  /**
   * What was passed over or taken otherwise than one might expect, a sentence each, without a full stop and without the dataset's name,
   * which is put before it. Shown before a run and in its results.
   */
  readonly notes?: readonly string[];
}

/** Something that is wrong with the files of a dataset, or that its user should look at. */
export interface DatasetFault {
  /** `missing`: something is named that is not there; `layout`: something else lies there than should; `label`: a class is not as it should be. */
  readonly kind: 'missing' | 'layout' | 'label';
  /** An error where images or classes are lost or become others; else a warning. */
  readonly severity: 'error' | 'warning';
  /** The file, folder or line, as its user knows it. */
  readonly where: string;
  /** A sentence without a full stop. */
  readonly what: string;
  /** What to do about it, a whole sentence. */
  readonly fix?: string;
  /** What it is about where that is more than one thing: names of images, files, folders. */
  readonly items?: readonly string[];
  /** The absolute path of what is not there, or of the first of it: something may know where to get it. */
  readonly missing?: string;
}

/** What a dataset finds where its files lie. */
export interface DatasetSurvey extends Pick<Dataset, 'images' | 'classes'> {
  readonly faults: readonly DatasetFault[];
  /**
   * That labels stand beside the images in the network's numbering, as somebody has written them. Where the set is out of distribution, an
   * image with a label is then one that shows a class of the network.
   */
  readonly writtenLabels?: true;
}

/** A named, ordered list of images. Its role (ID test, ID fit, OOD) is the experiment's business. */
export interface DatasetDefinition<P extends ParametersSchema = ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Its parameters; absent where it has none. */
  readonly params?: P;
  /** Lists the images; reads none of them. */
  readonly open: (params: z.output<P>) => Promise<Dataset>;
  /**
   * Looks for all that is wrong with its files, for `farout data check`, and lists what is there even where `open` would refuse it. Absent where
   * `open` says all there is to say.
   */
  readonly survey?: (params: z.output<P>) => Promise<DatasetSurvey>;
}

/** Types a dataset. See `DatasetDefinition`. */
export const defineDataset = <P extends ParametersSchema>(definition: DatasetDefinition<P>): DatasetDefinition =>
  definition;
