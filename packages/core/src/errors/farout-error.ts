/**
 * Every error that farout throws on purpose. The message is one sentence, without a full stop, that says what is wrong; `code` is stable,
 * so programs and tests should compare it instead of the message.
 */
export class FaroutError extends Error {
  override readonly name = 'FaroutError';
  readonly code: ErrorCode;
  readonly place: SourcePlace | undefined;
  readonly fix: string | undefined;
  readonly choices: ErrorDetails['choices'];
  readonly missing: ErrorDetails['missing'];
  readonly address: ErrorDetails['address'];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.fix = details.fix;
    this.choices = details.choices;
    this.missing = details.missing;
    this.address = details.address;
  }

  /** Whether the request was wrong (exit code 2) or the run failed (exit code 1). */
  get kind(): ErrorKind {
    return errorCodes[this.code].kind;
  }
}

/** Several errors found at once: a config with three typos is reported once, with all three. */
export class FaroutErrors extends AggregateError {
  override readonly name = 'FaroutErrors';
  declare readonly errors: FaroutError[];

  constructor(errors: readonly FaroutError[]) {
    super(errors, errors.map((error) => error.message).join('; '));
  }

  /** Throws the collected errors: nothing, the single error, or all of them together. */
  static throwIfAny(errors: readonly FaroutError[]): void {
    if (errors.length === 1) throw errors[0]!;
    if (errors.length > 1) throw new FaroutErrors(errors);
  }
}

/** A place in a text file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The number of characters to underline; 1 if unknown. */
  readonly length?: number;
  /** The whole text of the file, to show the surrounding lines. */
  readonly text?: string;
}

/** What an error carries besides its message. */
export interface ErrorDetails {
  /** Where the error is, if it is in one of the user's files. */
  readonly place?: SourcePlace;
  /** What to do about it, as a full sentence. */
  readonly fix?: string;
  /** The valid alternatives: `Scorers here: energy, msp.` */
  readonly choices?: { readonly title: string; readonly names: readonly string[] };
  /** The absolute path of a missing file or folder; a manifest may know where to download it. */
  readonly missing?: string | undefined;
  /** Where to download it: http or https, without a query, and with `#sha256=…` if known. */
  readonly address?: string | undefined;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/** What an error means for the command line: a wrong request exits with 2, a failed run with 1. */
export type ErrorKind = 'request' | 'run';

/** Every error code, its kind and its meaning. `docs/errors.md` explains each in detail; a test fails if the two differ. */
export const errorCodes = {
  OOD_CONFIG_SYNTAX: { kind: 'request', meaning: 'The experiment is not valid YAML.' },
  OOD_CONFIG_EMPTY: { kind: 'request', meaning: 'The experiment is an empty file.' },
  OOD_CONFIG_TYPE: {
    kind: 'request',
    meaning: 'A key of the experiment has a value of the wrong type, or a needed key is absent.',
  },
  OOD_UNKNOWN_KEY: { kind: 'request', meaning: 'The experiment has a key that does not exist.' },
  OOD_UNKNOWN_BACKBONE: { kind: 'request', meaning: 'No loaded plugin brings a backbone of this name.' },
  OOD_UNKNOWN_HOOK: { kind: 'request', meaning: 'No loaded plugin brings a hook of this name.' },
  OOD_UNKNOWN_SCORER: { kind: 'request', meaning: 'No loaded plugin brings a scorer of this name.' },
  OOD_UNKNOWN_DATASET: {
    kind: 'request',
    meaning:
      'A dataset is used that is neither defined in the experiment nor in a datasets folder, or is of an unknown kind.',
  },
  OOD_UNKNOWN_METRIC: { kind: 'request', meaning: 'No loaded plugin brings a metric of this name.' },
  OOD_WRONG_ROLE: { kind: 'request', meaning: 'A hook stands where a scorer belongs, or the other way round.' },
  OOD_BAD_PARAMETER: {
    kind: 'request',
    meaning: 'A part refuses a parameter: unknown, of the wrong type, or out of range.',
  },
  OOD_DUPLICATE_NAME: { kind: 'request', meaning: 'A name that must be unique is used twice.' },
  OOD_GROUP_MISMATCH: { kind: 'request', meaning: 'A group names a dataset that is not one of "ood".' },
  OOD_PUBLISHED_MISMATCH: {
    kind: 'request',
    meaning:
      'A published number has no counterpart: the experiment lacks its detector, OOD set, group or metric, or averages over other sets.',
  },
  OOD_UNSET_VARIABLE: {
    kind: 'request',
    meaning: 'The experiment reads an environment variable that is not set and has no default.',
  },
  OOD_MISSING_FILE: {
    kind: 'request',
    meaning: 'A file or folder that the experiment names does not exist or cannot be read.',
  },
  OOD_MISSING_WEIGHTS: {
    kind: 'request',
    meaning: 'The weights of a backbone are not where the experiment says, or its published ones are not in the cache.',
  },
  OOD_MISSING_FIT_SET: {
    kind: 'request',
    meaning: 'A detector learns from data, but the experiment names no fit set.',
  },
  OOD_MISSING_LABELS: {
    kind: 'request',
    meaning: 'A detector learns from labels, but an image of the fit set has none.',
  },
  OOD_OVERLAP: {
    kind: 'request',
    meaning: 'A part that memorises single images would be tested on images that it learns from.',
  },
  OOD_SELECTION_LEAK: {
    kind: 'request',
    meaning: 'Parameters would be chosen on images that detectors are tested on.',
  },
  OOD_BAD_EXTENDS: { kind: 'request', meaning: 'An experiment extends itself, or too many others.' },
  OOD_BAD_OVERRIDE: {
    kind: 'request',
    meaning: 'A --set, or a line of FAROUT_SET, is not of the form path=value, or its path leads nowhere.',
  },
  OOD_BAD_COMMAND: { kind: 'request', meaning: 'The command line has an unknown command, option or argument.' },
  OOD_ENGINE_ABSENT: {
    kind: 'request',
    meaning: 'The program or package that hands out tasks is not on this machine.',
  },
  OOD_QUEUE_MISMATCH: {
    kind: 'request',
    meaning: 'A queue holds no tasks of this experiment as it is now, or those of another one are in the way.',
  },
  OOD_PLUGIN_FAILED: {
    kind: 'request',
    meaning: 'A plugin cannot be found, or throws while it is loaded or its backbone is opened.',
  },
  OOD_PLUGIN_INVALID: { kind: 'request', meaning: 'A plugin exports something other than what definePlugin makes.' },
  OOD_PLUGIN_VERSION: {
    kind: 'request',
    meaning: 'A plugin is made for other versions of @farout/core than this one.',
  },
  OOD_PLUGIN_CLASH: { kind: 'request', meaning: 'Two plugins bring the same name.' },
  OOD_CHECKPOINT_REFUSED: {
    kind: 'request',
    meaning: 'A checkpoint is damaged, of an unknown format or element type, or asks for code to be run.',
  },
  OOD_CHECKPOINT_MISMATCH: {
    kind: 'request',
    meaning: 'A checkpoint lacks parameters of the network, has others, or has them in other shapes.',
  },
  OOD_WEIGHTS_INVALID: {
    kind: 'request',
    meaning: 'Weights hold NaN or infinite numbers, other than a bias of −∞ that masks a class, or a variance below 0.',
  },
  OOD_ONNX_REFUSED: {
    kind: 'request',
    meaning:
      'An ONNX file is damaged, cannot be read or run, does not say which logits of a last linear layer are scored, or has no gradient for a detector that needs one.',
  },
  OOD_ARRAY_INVALID: {
    kind: 'request',
    meaning:
      'A file of arrays (.npy, .npz, safetensors) is damaged, of a kind that is not read, or lacks an array of the name that is asked for.',
  },
  OOD_DATASET_INVALID: {
    kind: 'request',
    meaning:
      'A dataset cannot be opened: its list is malformed, it holds no image, its labels are not classes of the network, or it names another number of classes.',
  },
  OOD_RUN_UNREADABLE: {
    kind: 'request',
    meaning: 'A folder holds no run, or one that is damaged or was written by another version.',
  },
  OOD_WEIGHTS_CHANGED: {
    kind: 'request',
    meaning: "A run's network is to be used again, and its weights are other files now.",
  },
  OOD_DEVICE_UNAVAILABLE: {
    kind: 'request',
    meaning: 'The device is unknown, cannot be used on this machine, or cannot compute a part of the network.',
  },
  OOD_UNKNOWN_TAP: { kind: 'request', meaning: 'The backbone has no map of this name on the way to its features.' },
  OOD_READING_TOO_LARGE: {
    kind: 'request',
    meaning: 'A detector keeps more than 64 KB of each image, and the experiment does not allow it.',
  },
  OOD_SHAPE: { kind: 'request', meaning: 'Tensors or matrices whose shapes do not fit were combined.' },
  OOD_MANIFEST_INVALID: {
    kind: 'request',
    meaning: 'What says where a dataset or weights come from is malformed, or contradicts itself.',
  },
  OOD_UNKNOWN_MANIFEST: {
    kind: 'request',
    meaning: 'Nothing says where a dataset or weights of this name come from.',
  },
  OOD_NOT_PULLED: {
    kind: 'request',
    meaning: 'Datasets or weights that an experiment needs are not on this machine, and are not loaded unasked.',
  },
  OOD_OFFLINE: {
    kind: 'request',
    meaning: 'A file would have to be loaded, and nothing may be asked over the network.',
  },
  OOD_TERMS: {
    kind: 'request',
    meaning: 'A file is to be had only from a person who accepts terms, and is not where it is to be placed.',
  },
  OOD_ADDRESS_REFUSED: {
    kind: 'run',
    meaning:
      'An address, or what it redirects to, is not asked: another protocol, a password in it, from https to http, from a public to a private address, or too many redirects. One in an experiment has no query either.',
  },
  OOD_DOWNLOAD_FAILED: { kind: 'run', meaning: 'No address of a file gave it, after all attempts.' },
  OOD_CONTENT_MISMATCH: {
    kind: 'run',
    meaning: 'What was loaded is not what was expected: another checksum or length, a web page, or other images.',
  },
  OOD_ARCHIVE_REFUSED: {
    kind: 'run',
    meaning:
      'An archive is damaged, or holds what is not unpacked: paths out of the folder, links, devices, far too much.',
  },
  OOD_NO_SPACE: { kind: 'run', meaning: 'The disk has no room for what is to be loaded or unpacked.' },
  OOD_IMAGE_UNREADABLE: {
    kind: 'run',
    meaning: 'An image is damaged or of a kind that is not read, and the experiment says onUnreadable: fail.',
  },
  OOD_NO_IMAGES_LEFT: { kind: 'run', meaning: 'No image of a dataset could be read.' },
  OOD_WORKER_DIED: { kind: 'run', meaning: 'A worker process ended unexpectedly, and not because of one image.' },
  OOD_FEATURES_INVALID: { kind: 'run', meaning: 'The network gives NaN for an image.' },
  OOD_SCORE_INVALID: {
    kind: 'run',
    meaning:
      'A detector gave NaN, or another number of scores than there are images; or images were given weights that are none.',
  },
  OOD_DETECTOR_FAILED: {
    kind: 'run',
    meaning: 'A detector threw while it was built, fitted or run; the others go on.',
  },
  OOD_METRIC_FAILED: { kind: 'run', meaning: 'A metric threw, or gave no finite number; the others go on.' },
  OOD_ENGINE_FAILED: {
    kind: 'run',
    meaning: 'What hands out tasks refused them, or does not answer: sbatch, kubectl, or the server of a queue.',
  },
  OOD_TASKS_FAILED: { kind: 'run', meaning: 'Tasks of a queue failed, and are not begun again.' },
  OOD_STORE_FAILED: { kind: 'run', meaning: 'The store cannot be read or written.' },
  OOD_WORK_NOT_READY: { kind: 'run', meaning: 'A task needs what tasks before it have not left in the store yet.' },
  OOD_OUTPUT_FAILED: { kind: 'run', meaning: 'The run folder cannot be written.' },
  OOD_UNKNOWN_SCHEME: { kind: 'request', meaning: 'An address has a scheme that no loaded plugin serves.' },
  OOD_STORAGE_REFUSED: {
    kind: 'request',
    meaning:
      'The storage behind an address refuses the request: credentials are missing or wrong, or lack a permission.',
  },
  OOD_CREDENTIALS_EXPIRED: { kind: 'run', meaning: 'The temporary credentials of a storage have expired.' },
  OOD_STORAGE_FAILED: {
    kind: 'run',
    meaning:
      'The storage behind an address does not answer, or answers with nothing that can be used, after all attempts.',
  },
  OOD_EXPORT_REFUSED: { kind: 'request', meaning: 'A detector of a run cannot become a file of its own.' },
  OOD_CALIBRATION_REFUSED: { kind: 'request', meaning: 'These images cannot calibrate the threshold of a detector.' },
  OOD_WATCH_REFUSED: { kind: 'request', meaning: 'With these images or this threshold, drift cannot be watched.' },
  OOD_LOG_INVALID: { kind: 'request', meaning: 'A log is not what `farout score` printed with this detector.' },
  OOD_DETECTOR_FILE_INVALID: { kind: 'request', meaning: 'A file is no detector that `farout export` wrote.' },
  OOD_CANNOT_LISTEN: { kind: 'request', meaning: 'A service cannot listen on its address.' },
  OOD_CORE_TWICE: {
    kind: 'run',
    meaning: '@farout/core was loaded from two places, so that plugins and host would not see each other.',
  },
} as const satisfies Record<string, { kind: ErrorKind; meaning: string }>;

/** A stable name of a kind of error; documented in docs/errors.md. */
export type ErrorCode = keyof typeof errorCodes;
