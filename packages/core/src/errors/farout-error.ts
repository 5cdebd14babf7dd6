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
    meaning: 'A key of the experiment has a value of the wrong type, or a required key is missing.',
  },
  OOD_UNKNOWN_KEY: { kind: 'request', meaning: 'The experiment has a key that does not exist.' },
  OOD_UNKNOWN_BACKBONE: { kind: 'request', meaning: 'No loaded plugin provides a backbone of this name.' },
  OOD_UNKNOWN_HOOK: { kind: 'request', meaning: 'No loaded plugin provides a hook of this name.' },
  OOD_UNKNOWN_SCORER: { kind: 'request', meaning: 'No loaded plugin provides a scorer of this name.' },
  OOD_UNKNOWN_DATASET: {
    kind: 'request',
    meaning: 'A dataset is defined neither in the experiment nor in a datasets folder, or its kind is unknown.',
  },
  OOD_UNKNOWN_METRIC: { kind: 'request', meaning: 'No loaded plugin provides a metric of this name.' },
  OOD_WRONG_ROLE: { kind: 'request', meaning: 'A hook is used where a scorer is expected, or the other way round.' },
  OOD_BAD_PARAMETER: { kind: 'request', meaning: 'A parameter is unknown, of the wrong type, or out of range.' },
  OOD_DUPLICATE_NAME: { kind: 'request', meaning: 'A name that must be unique is used twice.' },
  OOD_GROUP_MISMATCH: { kind: 'request', meaning: 'A group names a dataset that is not in "ood".' },
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
    meaning: 'A file or folder named by the experiment or the command line does not exist or cannot be read.',
  },
  OOD_MISSING_WEIGHTS: {
    kind: 'request',
    meaning:
      'The weights of a backbone are not where the experiment says, or its published weights are not in the cache.',
  },
  OOD_MISSING_FIT_SET: { kind: 'request', meaning: 'A detector learns from data, but the experiment has no fit set.' },
  OOD_MISSING_LABELS: {
    kind: 'request',
    meaning: 'A detector learns from labels, but an image of the fit set has none.',
  },
  OOD_OVERLAP: {
    kind: 'request',
    meaning: 'A part that memorises individual images would be tested on images it learns from.',
  },
  OOD_SELECTION_LEAK: {
    kind: 'request',
    meaning: 'Parameters would be chosen on images that detectors are tested on.',
  },
  OOD_BAD_EXTENDS: { kind: 'request', meaning: 'An experiment extends itself, or too many others.' },
  OOD_BAD_OVERRIDE: {
    kind: 'request',
    meaning: 'A --set, or a line of FAROUT_SET, is not of the form path=value, or its path does not exist.',
  },
  OOD_BAD_COMMAND: { kind: 'request', meaning: 'The command line has an unknown command, option or argument.' },
  OOD_ENGINE_ABSENT: {
    kind: 'request',
    meaning: 'The program or package that distributes tasks is not installed on this machine.',
  },
  OOD_QUEUE_MISMATCH: {
    kind: 'request',
    meaning: 'A queue has no tasks of the current experiment, or it holds tasks of another one.',
  },
  OOD_PLUGIN_FAILED: {
    kind: 'request',
    meaning: 'A plugin cannot be found, or throws while it is loaded or its backbone is opened.',
  },
  OOD_PLUGIN_INVALID: { kind: 'request', meaning: 'A plugin does not export the result of definePlugin.' },
  OOD_PLUGIN_VERSION: { kind: 'request', meaning: 'A plugin requires another version of @farout/core.' },
  OOD_PLUGIN_CLASH: { kind: 'request', meaning: 'Two plugins provide a part of the same name.' },
  OOD_CHECKPOINT_REFUSED: {
    kind: 'request',
    meaning: 'A checkpoint is damaged, has an unsupported format or element type, or requires running code.',
  },
  OOD_CHECKPOINT_MISMATCH: {
    kind: 'request',
    meaning:
      'The parameters in a checkpoint are not those of the network: some are missing, unexpected or of another shape.',
  },
  OOD_WEIGHTS_INVALID: {
    kind: 'request',
    meaning:
      'Weights contain NaN, an infinite number other than a bias of −∞ that masks a class, or a variance below 0.',
  },
  OOD_ONNX_REFUSED: {
    kind: 'request',
    meaning:
      'An ONNX file cannot be used: it is damaged, onnxruntime cannot run it, it is unclear which of its outputs are the logits of a last linear layer, or a detector needs a gradient that the file does not provide.',
  },
  OOD_ARRAY_INVALID: {
    kind: 'request',
    meaning: 'A file of arrays (.npy, .npz, safetensors) is damaged, of an unsupported kind, or lacks the named array.',
  },
  OOD_DATASET_INVALID: {
    kind: 'request',
    meaning:
      'A dataset cannot be opened: its list is malformed, it has no images, its labels are not classes of the network, or it names a different number of classes.',
  },
  OOD_RUN_UNREADABLE: {
    kind: 'request',
    meaning: 'A folder is not a run folder, or its run is damaged or was written by another version.',
  },
  OOD_WEIGHTS_CHANGED: { kind: 'request', meaning: "The weights of a run's network have changed since the run." },
  OOD_DEVICE_UNAVAILABLE: {
    kind: 'request',
    meaning: 'The device is unknown, not available on this machine, or cannot compute a part of the network.',
  },
  OOD_UNKNOWN_TAP: { kind: 'request', meaning: 'The backbone has no feature map of this name.' },
  OOD_READING_TOO_LARGE: {
    kind: 'request',
    meaning: 'A detector keeps more than 64 KB of each image, and the experiment does not allow it.',
  },
  OOD_SHAPE: { kind: 'request', meaning: 'Tensors or matrices of incompatible shapes were combined.' },
  OOD_MANIFEST_INVALID: {
    kind: 'request',
    meaning: 'The manifest of a dataset or of weights is malformed, or contradicts itself.',
  },
  OOD_UNKNOWN_MANIFEST: {
    kind: 'request',
    meaning: 'There is no manifest for a dataset or weights of this name, so their source is unknown.',
  },
  OOD_NOT_PULLED: {
    kind: 'request',
    meaning:
      'Datasets or weights that an experiment needs are not on this machine, and farout does not download them unasked.',
  },
  OOD_OFFLINE: { kind: 'request', meaning: 'A file would have to be downloaded, but network access is turned off.' },
  OOD_TERMS: {
    kind: 'request',
    meaning: 'A file is available only after a person accepts its terms, and it is not in the expected place.',
  },
  OOD_ADDRESS_REFUSED: {
    kind: 'run',
    meaning:
      'An address or its redirect is not allowed: a protocol other than http or https, a password in it, a redirect from https to http or from a public to a private address, too many redirects, or, in an experiment, a query.',
  },
  OOD_DOWNLOAD_FAILED: {
    kind: 'run',
    meaning: 'A file could not be downloaded from any of its addresses, after all attempts.',
  },
  OOD_CONTENT_MISMATCH: {
    kind: 'run',
    meaning:
      'A downloaded or existing file is not the expected one: another checksum or length, a web page, or other images.',
  },
  OOD_ARCHIVE_REFUSED: {
    kind: 'run',
    meaning:
      'An archive is damaged, or has entries that are not unpacked: paths outside the folder, links, devices, or far too much data.',
  },
  OOD_NO_SPACE: { kind: 'run', meaning: 'The disk has too little space for a file to be downloaded or unpacked.' },
  OOD_IMAGE_UNREADABLE: {
    kind: 'run',
    meaning: 'An image is damaged or of an unsupported kind, and the experiment has onUnreadable: fail.',
  },
  OOD_NO_IMAGES_LEFT: { kind: 'run', meaning: 'No image of a dataset could be read.' },
  OOD_WORKER_DIED: { kind: 'run', meaning: 'A worker process ended unexpectedly, and no single image was the cause.' },
  OOD_FEATURES_INVALID: { kind: 'run', meaning: 'The network gives NaN for an image.' },
  OOD_SCORE_INVALID: {
    kind: 'run',
    meaning: 'A detector returned NaN or the wrong number of scores, or images were given invalid weights.',
  },
  OOD_DETECTOR_FAILED: {
    kind: 'run',
    meaning: 'A detector threw an error while it was built, fitted or run; the other detectors continue.',
  },
  OOD_METRIC_FAILED: {
    kind: 'run',
    meaning: 'A metric threw an error or did not return a finite number; the other metrics continue.',
  },
  OOD_ENGINE_FAILED: {
    kind: 'run',
    meaning:
      'The system that distributes tasks (sbatch, kubectl, or the server of a queue) refused them or does not answer.',
  },
  OOD_TASKS_FAILED: { kind: 'run', meaning: 'Tasks of a queue failed, and are not retried.' },
  OOD_STORE_FAILED: { kind: 'run', meaning: 'The store cannot be read or written.' },
  OOD_WORK_NOT_READY: { kind: 'run', meaning: 'A task needs results of earlier tasks that are not in the store yet.' },
  OOD_OUTPUT_FAILED: { kind: 'run', meaning: 'The run folder cannot be written.' },
  OOD_UNKNOWN_SCHEME: { kind: 'request', meaning: 'No loaded plugin supports the scheme of an address.' },
  OOD_STORAGE_REFUSED: {
    kind: 'request',
    meaning: 'The storage refused a request: credentials are missing or wrong, or lack a permission.',
  },
  OOD_CREDENTIALS_EXPIRED: { kind: 'run', meaning: 'The temporary credentials of a storage have expired.' },
  OOD_STORAGE_FAILED: {
    kind: 'run',
    meaning: 'The storage does not answer, or its answers are not usable, after all attempts.',
  },
  OOD_EXPORT_REFUSED: { kind: 'request', meaning: 'A detector of a run cannot be exported as a file.' },
  OOD_CALIBRATION_REFUSED: {
    kind: 'request',
    meaning: 'The threshold of a detector cannot be calibrated on these images.',
  },
  OOD_WATCH_REFUSED: { kind: 'request', meaning: 'Drift cannot be watched with these images or this threshold.' },
  OOD_LOG_INVALID: { kind: 'request', meaning: 'A log is not output of `farout score` with this detector.' },
  OOD_DETECTOR_FILE_INVALID: { kind: 'request', meaning: 'A file is not a detector written by `farout export`.' },
  OOD_CANNOT_LISTEN: { kind: 'request', meaning: 'A service cannot listen on its address.' },
  OOD_CORE_TWICE: {
    kind: 'run',
    meaning: '@farout/core was loaded from two places, so plugins and the host would not recognise each other.',
  },
} as const satisfies Record<string, { kind: ErrorKind; meaning: string }>;

/** A stable name of a kind of error; documented in docs/errors.md. */
export type ErrorCode = keyof typeof errorCodes;
