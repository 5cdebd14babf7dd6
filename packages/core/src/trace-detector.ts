import { constant, type Tensor } from '@farout/tensor';
import type { Head, Taps } from './contracts/backbone.ts';
import type { HookDefinition, ScoreContext, SymbolicScorer } from './contracts/detector.ts';
import type { Learnt, LearntTensors } from './contracts/fit.ts';
import type { ImageAccess, NetworkView, Readings } from './contracts/network.ts';
import { didYouMean } from './errors/describe-error.ts';
import { FaroutError } from './errors/farout-error.ts';
import { headInput, headLogits, readingHead } from './head.ts';

/** A part that is ready to be traced: its definition, its validated parameters and what it learnt; {} if nothing. */
export interface TraceablePart<Definition> {
  readonly definition: Definition;
  readonly params: Readonly<Record<string, unknown>>;
  readonly learnt: Learnt;
  /** Its stored readings; by default they are computed from the image. */
  readonly readings?: Readings;
}

/** A network as it was trained: its features as a tensor, its last layer, and, if available, the path from the images to the features. */
export interface TraceableNetwork {
  readonly features: Tensor;
  readonly head: Head;
  /** Absent if a graph starts at the features; a part that needs images then fails. */
  readonly images?: ImageAccess;
}

type Hook = TraceablePart<HookDefinition>;

/**
 * A network with hooks on its last stages: the map before the pooling, the features h (N, D), the head and the logits
 * f = h · Wᵀ + b, (N, K), rewritten by each hook in turn. This is what readings and symbolic scorers see; with no hooks, the bare
 * network.
 *
 * @throws TensorError when a hook combines tensors that do not fit.
 */
export const traceHooks = (network: TraceableNetwork, hooks: readonly Hook[]): NetworkView =>
  new HookedNetwork(network, hooks, { features: network.features });

/** Where a view's features come from: given features, an image, or a map that replaces a tap's. */
type Source =
  { readonly features: Tensor } | { readonly image: Tensor } | { readonly tap: string; readonly map: Tensor };

class HookedNetwork implements NetworkView {
  readonly #network: TraceableNetwork;
  readonly #hooks: readonly Hook[];
  readonly #source: Source;
  readonly head: Head;
  #features: Tensor | undefined;
  #headInput: Tensor | undefined;
  #logits: Tensor | undefined;
  #readings: Readings[] | undefined;

  constructor(network: TraceableNetwork, hooks: readonly Hook[], source: Source) {
    this.#network = network;
    this.#hooks = hooks;
    this.#source = source;
    const { normalise } = network.head;
    const rewritten = hooks.reduce(
      (w, part) => part.definition.head?.(w, part.params, { learnt: learntTensors(part) }) ?? w,
      network.head,
    );
    this.head = { ...rewritten, ...(normalise !== undefined && { normalise }) };
  }

  get image(): Tensor {
    return 'image' in this.#source ? this.#source.image : this.#images.image;
  }

  get std(): Tensor {
    return this.#images.std;
  }

  get taps(): readonly string[] {
    return this.#images.backbone.lastTap === false ? [] : [...this.#taps.keys()];
  }

  get convolutions(): readonly string[] {
    return [...this.#convolutions.keys()];
  }

  tap = (name?: string): Tensor => {
    if (name !== undefined && this.#images.backbone.lastTap === false && !this.#taps.has(name)) throw poolsNone(name);
    return named(this.#taps, name ?? this.#lastTap, 'tap', 'Taps of this backbone');
  };

  convolution = (name: string): Tensor =>
    named(this.#convolutions, name, 'convolution', 'Convolutions of this backbone');

  get features(): Tensor {
    return (this.#features ??= this.#hooks.reduce((h, part, index) => {
      const { name, features } = part.definition;
      return readingHead(name, this.#contextOf(part, index), (at) => features?.(h, part.params, at)) ?? h;
    }, this.#bareFeatures()));
  }

  get logits(): Tensor {
    const { features, head } = this;
    return (this.#logits ??= this.#hooks.reduce(
      (z, part, index) => {
        const { name, logits } = part.definition;
        const given = { ...this.#contextOf(part, index), features, headInput: this.headInput };
        return readingHead(name, given, (at) => logits?.(z, part.params, at)) ?? z;
      },
      headLogits(features, head),
    ));
  }

  get headInput(): Tensor {
    return (this.#headInput ??= headInput(this.features, this.head));
  }

  featuresOf = (image: Tensor): Tensor => this.#behind({ image }).features;

  logitsOf = (image: Tensor): Tensor => this.#behind({ image }).logits;

  tapOf = (image: Tensor, name?: string): Tensor => this.#behind({ image }).tap(name);

  featuresFrom = (tap: string, map: Tensor): Tensor => this.#behind({ tap, map }).features;

  logitsFrom = (tap: string, map: Tensor): Tensor => this.#behind({ tap, map }).logits;

  get #images(): ImageAccess {
    const { images } = this.#network;
    if (images) return images;
    throw new FaroutError('OOD_DETECTOR_FAILED', 'it needs images; only stored features are available');
  }

  get #taps(): Taps {
    const { given } = this.#images;
    if (given && 'features' in this.#source) return given.taps;
    const { image } = this;
    return this.#images.backbone.taps?.(image) ?? new Map<string, Tensor>();
  }

  get #convolutions(): Taps {
    const { image } = this;
    return this.#images.backbone.convolutions?.(image) ?? new Map<string, Tensor>();
  }

  get #lastTap(): string {
    const { lastTap } = this.#images.backbone;
    if (lastTap === false) throw poolsNone();
    return lastTap ?? [...this.#taps.keys()].at(-1) ?? 'the last one';
  }

  #behind(source: Source): HookedNetwork {
    return new HookedNetwork(this.#network, this.#hooks, source);
  }

  /** Features before the hooks that rewrite them; hooks on the map are applied first. */
  #bareFeatures(): Tensor {
    const rewrites = this.#hooks.flatMap((part) => {
      const rewrite = part.definition.map?.(part.params);
      return rewrite ? [(map: Tensor) => rewrite(map, { learnt: learntTensors(part) })] : [];
    });
    const source = this.#source;
    if ('tap' in source) return this.#from(source.tap, source.map, rewrites.length > 0);
    if (rewrites.length > 0) {
      const map = rewrites.reduce((m, rewrite) => rewrite(m), this.tap());
      return this.#from(this.#lastTap, map, false);
    }
    return 'image' in source ? this.#images.backbone.features(source.image) : source.features;
  }

  #from(tap: string, map: Tensor, hasMapHooks: boolean): Tensor {
    named(this.#behind({ image: this.#images.image }).#taps, tap, 'tap', 'Taps of this backbone');
    const { from } = this.#images.backbone;
    if ('tap' in this.#source && (hasMapHooks || this.#hooks.some(({ definition }) => definition.readings)))
      throw new FaroutError('OOD_DETECTOR_FAILED', 'it continues from a changed map, which earlier hooks read', {
        fix: 'Remove the hooks that read or change maps.',
      });
    if (from) return from(tap, map);
    throw new FaroutError('OOD_DETECTOR_FAILED', 'this backbone cannot continue from a changed map', {
      fix: 'Use a backbone that has "from", or another detector.',
    });
  }

  #contextOf(part: Hook, index: number) {
    const readings = () => this.#readingsOf(part, index);
    const { head } = this;
    return {
      learnt: learntTensors(part),
      head,
      get readings() {
        return readings();
      },
    };
  }

  /** Stored readings belong to the network's own image; for any other image they are computed. */
  #readingsOf(part: Hook, index: number): Readings {
    const before = new HookedNetwork(this.#network, this.#hooks.slice(0, index), this.#source);
    if ('features' in this.#source && part.readings) return part.readings;
    return ((this.#readings ??= [])[index] ??= traceReadings(before, part));
  }
}

const poolsNone = (name?: string) =>
  new FaroutError(
    'OOD_UNKNOWN_TAP',
    `it reads ${name === undefined ? 'the map that is pooled' : `the map "${name}"`}, but the features of this network are not pooled from a map; vision transformers have none`,
    { fix: 'Use a detector that reads features or logits, or a network that ends with the mean over a map.' },
  );

function named(maps: Taps, name: string, one: string, title: string): Tensor {
  const found = maps.get(name);
  if (found) return found;
  const names = [...maps.keys()];
  const fix = names.length === 0 ? 'Use another backbone.' : (didYouMean(name, names) ?? 'Use one of those it has.');
  throw new FaroutError('OOD_UNKNOWN_TAP', `the backbone has no ${one} "${name}"`, {
    fix,
    ...(names.length > 0 && { choices: { title, names } }),
  });
}

/** The common part of parts with readings. */
type ReadingPart = TraceablePart<Pick<HookDefinition, 'name' | 'readings' | 'readingsAfter'>>;

/**
 * The readings of a part in a network, by name: those of the first pass, and, using what it learnt, those of the second.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when one is not float32 with images along its first axis, or has a reserved name; TensorError
 *   when tensors do not fit.
 */
export function traceReadings(
  view: NetworkView,
  part: ReadingPart,
  which: 'first' | 'after' | 'all' = 'all',
): Readings {
  const { name, readings, readingsAfter } = part.definition;
  const at = () => ({ learnt: learntTensors(part) });
  const first = which === 'after' ? {} : (readingHead(name, view, (all) => readings?.(all, part.params)) ?? {});
  const after =
    which === 'first' ? {} : (readingHead(name, view, (all) => readingsAfter?.(all, part.params, at())) ?? {});
  const all = { ...first, ...after };
  for (const [reading, tensor] of Object.entries(all)) checkReading(`reading "${reading}" of "${name}"`, tensor, view);
  const taken = Object.keys(all).find((reading) => reserved.includes(reading));
  if (taken !== undefined)
    throw new FaroutError(
      'OOD_DETECTOR_FAILED',
      `"${name}" has a reading called "${taken}", a name that every part already has`,
      {
        fix: 'Give the reading another name.',
      },
    );
  return all;
}

/** The names of rows that every part can read. */
const reserved: readonly string[] = ['features', 'headInput', 'logits', 'labels'];

function checkReading(what: string, tensor: Tensor | undefined, { features }: NetworkView): void {
  const [images] = features.shape;
  if (tensor?.dtype === 'float32' && tensor.hasShape && tensor.shape[0] === images) return;
  throw new FaroutError('OOD_DETECTOR_FAILED', `${what} is ${shown(tensor)}, expected float32 (${images!}, …)`, {
    fix: 'Keep the first axis, which is the images; cast to float32 at the end.',
  });
}

const shown = (tensor: Tensor | undefined) => {
  if (!tensor?.dtype) return 'no tensor';
  return `${tensor.dtype} (${tensor.hasShape ? tensor.shape.join(', ') : 'of unknown shape'})`;
};

/**
 * The score of a symbolic scorer in a network, float32 (N), higher = more in-distribution. Readings that are not stored are computed from
 * the image.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the scorer does not return one float32 number per image; TensorError
 *   when it combines tensors that do not fit.
 */
export function traceScore(view: NetworkView, part: TraceablePart<SymbolicScorer>): Tensor {
  const { name, score, reads } = part.definition;
  const scored = (all: Readings) =>
    reads ? Object.fromEntries(Object.entries(all).filter(([reading]) => reads.includes(reading))) : all;
  let made: Readings | undefined;
  const at: ScoreContext = {
    learnt: learntTensors(part),
    get readings() {
      return (made ??= scored(part.readings ?? traceReadings(view, part)));
    },
  };
  const traced = readingHead(name, view, (all) => score(all, part.params, at)) as Tensor | undefined;
  const wanted = view.features.shape[0]!;
  if (traced?.dtype === 'float32' && traced.shape.length === 1 && traced.shape[0] === wanted) return traced;
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    `scorer "${name}" returns ${shown(traced)}, expected float32 (${wanted})`,
    {
      fix: 'Reduce all axes but the first, which is the images; cast to float32 at the end.',
    },
  );
}

/** What a part learnt, as constants with the part's name in graphs. */
const learntTensors = ({ definition, learnt }: TraceablePart<{ readonly name: string }>): LearntTensors =>
  Object.fromEntries(
    Object.entries(learnt).map(([name, array]) => [name, constant(array, `${definition.name}.${name}`)]),
  );
