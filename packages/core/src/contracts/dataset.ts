import type { NDArray } from '@farout/tensor';
import type { About, ParametersSchema, z } from './part.ts';

/** The common part of all images. */
interface ImageBase {
  /** The image's name in scores.csv, unique in its dataset; usually its path relative to the dataset's root. */
  readonly id: string;
  /** Class, 0..K−1, in the backbone's numbering; absent when unknown. */
  readonly label?: number;
  /**
   * The source that it shares with other images of its set, such as the photograph behind several corruptions, or the video behind several
   * frames. For confidence intervals, images of one source are drawn together. All ID sets share their source names; the same name in an ID
   * and an OOD set means different sources. Absent if the image has its own source.
   */
  readonly group?: string;
}

/** The byte range of an image within something larger, such as the shard of a packed set. */
export interface Stretch {
  /** The first byte, counted from 0; default 0. */
  readonly offset?: number;
  /** The number of bytes, at most 1 GiB; by default all up to the end. */
  readonly length?: number;
}

/** An image in a file, or in a byte range of one; read by workers. */
export interface ImageFile extends ImageBase, Stretch {
  /** Absolute path. */
  readonly path: string;
}

/**
 * An image at a URL, or in a byte range of it; read by workers, byte ranges with range requests. Images that cannot be read at the moment
 * are left out of the run, and the next run tries them again.
 */
export interface ImageAddress extends ImageBase, Stretch {
  /** `http:` or `https:`, without user name or password. Messages never show what follows the host. */
  readonly url: string;
  /**
   * Together with offset and length, identifies the bytes: the same version means the same bytes, now and in later runs, wherever they are
   * stored. For example a checksum of the file, or the release of the set.
   */
  readonly version: string;
}

/** Decoded pixels, to be resized and cropped like those of a file. */
export interface RawPixels {
  /** Red, green, blue of each pixel, row by row from the top. */
  readonly data: Uint8Array;
  /** Height, width, 3. */
  readonly shape: readonly [height: number, width: number, channels: 3];
}

/** An image in memory; for few or small images. */
export interface ImagePixels extends ImageBase {
  readonly pixels: RawPixels;
}

/** An image from another source: an archive, a table, a renderer. */
export interface ImageSource extends ImageBase {
  /**
   * Identifies the bytes: the same version means the same bytes, now and in later runs, so a second run does not have to read them. Include
   * everything they depend on: the seed and version of a renderer, the hash of an archive.
   */
  readonly version: string;
  /** The encoded image (JPEG, PNG) or its pixels, read in the main process when it is needed. */
  readonly read: () => Promise<Uint8Array | RawPixels>;
}

/** An image of which only a network's outputs are available: a row of the dataset's arrays. */
export interface ImageRow extends ImageBase {
  /** The row in each array, counted from 0. */
  readonly row: number;
}

/** One image of a dataset: encoded, or as original pixels (never pixels already preprocessed for a backbone), or as a network's outputs. */
export type DatasetImage = ImageFile | ImageAddress | ImagePixels | ImageSource | ImageRow;

/** An array in a file. Its first axis counts rows, which are read in ranges; it need not fit into memory. */
export interface StoredArray {
  /** Sizes of all axes, the rows first. */
  readonly shape: readonly number[];
  /**
   * The rows from `from` on, shape (count, …). Floating-point numbers are returned as float32, rounded to the nearest if the file is more
   * precise; integers as int32, int64 or uint8.
   *
   * @throws FaroutError OOD_ARRAY_INVALID when the file has changed; RangeError for rows that it does not have.
   */
  readonly read: (from: number, count: number) => Promise<NDArray>;
}

/** An opened dataset: its images in order. */
export interface Dataset {
  /** In the order in which scores.csv lists them. */
  readonly images: readonly DatasetImage[];
  /** The names of the backbone's K classes, in its numbering; used for predicted classes in results.json and reports. */
  readonly classes?: readonly string[];
  /**
   * If its images are rows (`ImageRow`): the arrays that contain them, by name, all with the same number of rows. `features` (rows, D) is
   * the input of the last layer; any other array is the tap of that name, (rows, …).
   */
  readonly arrays?: Readonly<Record<string, StoredArray>>;
  /**
   * What was skipped or interpreted unexpectedly, one sentence each, without a full stop and without the dataset's name, which is
   * prepended. Shown before a run and in its results.
   */
  readonly notes?: readonly string[];
}

/** A problem with the files of a dataset, or something its user should check. */
export interface DatasetFault {
  /** `missing`: something named does not exist; `layout`: files are not laid out as expected; `label`: a class is wrong. */
  readonly kind: 'missing' | 'layout' | 'label';
  /** An error if images or classes are lost or confused; otherwise a warning. */
  readonly severity: 'error' | 'warning';
  /** The file, folder or line, as its user knows it. */
  readonly where: string;
  /** A sentence without a full stop. */
  readonly what: string;
  /** What to do about it, a whole sentence. */
  readonly fix?: string;
  /** The items concerned if there are several: names of images, files, folders. */
  readonly items?: readonly string[];
  /** The absolute path of what is missing, or of the first of it; a manifest may know where to download it. */
  readonly missing?: string;
}

/** What a dataset finds in its files. */
export interface DatasetSurvey extends Pick<Dataset, 'images' | 'classes'> {
  readonly faults: readonly DatasetFault[];
  /**
   * Set if somebody has written labels next to the images, in the network's numbering. If the set is out of distribution, an image with a
   * label then shows a class of the network.
   */
  readonly writtenLabels?: true;
}

/** A named, ordered list of images. The experiment decides its role (ID test, ID fit, OOD). */
export interface DatasetDefinition<P extends ParametersSchema = ParametersSchema> {
  /** Its name in experiments. */
  readonly name: string;
  /** Its description in lists and editors. */
  readonly about?: About;
  /** Its parameters; absent if it has none. */
  readonly params?: P;
  /** Lists the images without reading them. */
  readonly open: (params: z.output<P>) => Promise<Dataset>;
  /**
   * Finds all problems with its files, for `farout data check`, and lists the images even if `open` would fail. Absent if `open` reports
   * everything there is to report.
   */
  readonly survey?: (params: z.output<P>) => Promise<DatasetSurvey>;
}

/** Types a dataset. See `DatasetDefinition`. */
export const defineDataset = <P extends ParametersSchema>(definition: DatasetDefinition<P>): DatasetDefinition =>
  definition;
