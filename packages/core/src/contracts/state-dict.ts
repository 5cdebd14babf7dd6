import { belowZero, constant, notFinite, type Dimension, type NDArray, type Tensor } from '@farout/tensor';
import { FaroutError } from '../errors/farout-error.ts';

/** Bookkeeping that PyTorch stores with the parameters and inference does not need. */
const ignored = /(^|\.)(num_batches_tracked|n_averaged)$/;

/** PyTorch's name for the variances of batch normalisation. */
const variances = /(^|\.)running_var$/;

/**
 * The named arrays of a checkpoint, handed out by name and shape. A missing or misshapen parameter is recorded and replaced by zeros, so
 * that the whole network is built and `finish` can report all problems at once.
 *
 * If all names of the checkpoint have a prefix that the network's names lack, such as DataParallel's `module.` or Lightning's `model.`, the
 * prefix is ignored.
 */
export class StateDict {
  readonly #arrays: ReadonlyMap<string, NDArray>;
  readonly #source: string;
  readonly #taken = new Set<string>();
  readonly #missing: string[] = [];
  readonly #misshapen: string[] = [];
  readonly #prefixes: readonly string[];
  /** Sizes that the file determined, by their names in the network. */
  readonly #sizes = new Map<string, ChosenSize>();
  /** The prefix of the first name that was found; the others must have the same. */
  #prefix: string | undefined;

  /** `source` names the file in errors. */
  constructor(arrays: ReadonlyMap<string, NDArray>, source: string) {
    this.#arrays = arrays;
    this.#source = source;
    this.#prefixes = ['', ...sharedPrefixes([...arrays.keys()].filter((name) => !/^n_averaged$/.test(name)))];
  }

  /**
   * The parameter of this name as a constant tensor of this shape. A size that the file determines is given as a name, which means the same
   * size in all parameters, or as undefined. Never throws: see `finish`.
   */
  take(name: string, shape: readonly (Dimension | undefined)[]): Tensor {
    this.#prefix ??= this.#prefixes.find((prefix) => this.#arrays.has(prefix + name));
    const nameInFile = (this.#prefix ?? '') + name;
    this.#taken.add(nameInFile);
    const found = this.#arrays.get(nameInFile);
    if (found && this.#fits(found.shape, shape)) {
      this.#choose(name, found.shape, shape);
      return constant(found, name);
    }
    if (found) this.#misshapen.push(`${name} is (${found.shape.join(', ')}), expected (${this.#expected(shape)})`);
    else this.#missing.push(name);
    const sizes = shape.map((size) => (typeof size === 'number' ? size : (this.#chosen(size)?.size ?? 2)));
    return constant({ data: new Float32Array(sizes.reduce((a, b) => a * b, 1)), shape: sizes }, name);
  }

  /** Whether the checkpoint has a parameter of this name; the same architecture may use different names. */
  has(name: string): boolean {
    return this.#prefixes.some((prefix) => this.#arrays.has(prefix + name));
  }

  #fits(found: readonly number[], wanted: readonly (Dimension | undefined)[]): boolean {
    const isAsWanted = (size: number, axis: number) => {
      const each = wanted[axis];
      return size === (typeof each === 'number' ? each : (this.#chosen(each)?.size ?? size));
    };
    return found.length === wanted.length && found.every(isAsWanted);
  }

  /** Only a parameter that fits determines sizes: a misshapen one says nothing about the sizes of others. */
  #choose(by: string, found: readonly number[], wanted: readonly (Dimension | undefined)[]): void {
    for (const [axis, each] of wanted.entries()) {
      if (typeof each === 'string' && !this.#sizes.has(each)) this.#sizes.set(each, { size: found[axis]!, by });
    }
  }

  #chosen(name: string | undefined): ChosenSize | undefined {
    return name === undefined ? undefined : this.#sizes.get(name);
  }

  #expected(shape: readonly (Dimension | undefined)[]): string {
    const words = shape.map((each) => {
      if (typeof each === 'number') return each;
      const chosen = this.#chosen(each);
      return chosen ? `${chosen.size} ${each} as ${chosen.by} has` : (each ?? 'any');
    });
    return words.join(', ');
  }

  /**
   * Called by the host once the backbone has taken its parameters. `network` is its name in errors, `classes` the number of classes of its
   * last layer: −∞ in a bias of that length masks a class.
   *
   * @throws FaroutError OOD_CHECKPOINT_MISMATCH with every parameter that is missing, unexpected or misshapen; OOD_WEIGHTS_INVALID with
   *   every one that contains NaN, infinities or negative variances, their number, and the position of the first.
   */
  finish(network: string, classes?: number): void {
    const unexpected = [...this.#arrays.keys()].filter((name) => !this.#taken.has(name) && !ignored.test(name));
    const findings = [
      describe('missing', this.#missing),
      describe('unexpected', unexpected),
      describe('of another shape', this.#misshapen),
    ].filter((line) => line !== undefined);
    if (findings.length === 0) {
      this.#refuseInvalid(classes);
      return;
    }
    throw new FaroutError(
      'OOD_CHECKPOINT_MISMATCH',
      `${this.#source} does not contain the parameters of ${network}\n${findings.join('\n')}`,
      { fix: `Name the checkpoint of a ${network}, or the backbone that these weights belong to.` },
    );
  }

  #refuseInvalid(classes: number | undefined): void {
    this.#refuseWhere('weights that are not finite', (array, name) =>
      notFinite(array, { masks: name.endsWith('bias') && array.shape.length === 1 && array.shape[0] === classes }),
    );
    this.#refuseWhere('variances below 0', (array, name) => (variances.test(name) ? belowZero(array) : undefined));
  }

  #refuseWhere(what: string, find: (array: NDArray, name: string) => string | undefined): void {
    const findings = [...this.#taken].flatMap((nameInFile) => {
      const name = nameInFile.slice(this.#prefix?.length ?? 0);
      const found = find(this.#arrays.get(nameInFile)!, name);
      return found === undefined ? [] : [`  ${name}: ${found}`];
    });
    if (findings.length === 0) return;
    const rest = findings.length - spelledOut;
    const lines = [...findings.slice(0, spelledOut), ...(rest > 0 ? [`  and ${rest} more`] : [])];
    throw new FaroutError('OOD_WEIGHTS_INVALID', `${this.#source} contains ${what}\n${lines.join('\n')}`, {
      fix: notFiniteFix,
    });
  }
}

/** The common prefixes of all names, up to a dot each: for `a.b.x` and `a.b.y`, `a.` and `a.b.` */
function sharedPrefixes(names: readonly string[]): string[] {
  const words = (names[0] ?? '').split('.').slice(0, -1);
  const prefixes = words.map((_, i) => words.slice(0, i + 1).join('.') + '.');
  return prefixes.filter((prefix) => names.every((name) => name.startsWith(prefix)));
}

interface ChosenSize {
  readonly size: number;
  /** The parameter that determined it. */
  readonly by: string;
}

/** What to do about non-finite weights, whatever their source. */
export const notFiniteFix =
  'Use weights of an epoch before training diverged. float16 overflows above 65,504: save float32. Or download the file again.';

/** How many names of each kind an error lists before it only counts the rest. */
const spelledOut = 8;

function describe(kind: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const rest = names.length - spelledOut;
  return `  ${names.length} ${kind}: ${names.slice(0, spelledOut).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
