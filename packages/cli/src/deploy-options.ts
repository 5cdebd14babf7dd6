import { json, lastOf, quiet, to } from './options.ts';

// Options of the commands that export a detector's file, score with it and monitor it.

export const detector = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe: "The detector's name in the run's tables",
} as const;

export const modelTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'detector.onnx, unless another output option is given',
  describe: 'Output file (never overwritten)',
} as const;

export const huggingFace = {
  type: 'string',
  requiresArg: true,
  describe: 'Output folder for the Hugging Face Hub: model, configuration and model card (never overwritten)',
  coerce: lastOf,
} as const;

export const page = {
  type: 'string',
  requiresArg: true,
  describe: 'Output folder for a web page that scores photographs with the detector (never overwritten)',
  coerce: lastOf,
} as const;

export const tpr = {
  type: 'number',
  requiresArg: true,
  default: 0.95,
  describe: 'Share of ID images that the threshold accepts (true positive rate)',
} as const;

export const modelInput = {
  type: 'string',
  requiresArg: true,
  choices: ['pixels', 'float', 'photo'],
  defaultDescription: 'pixels',
  describe: 'Input of the file: pixels (uint8), float (normalised float32 images), or photo (photographs of any size)',
} as const;

export const half = {
  type: 'boolean',
  default: false,
  describe: 'Store weights in half precision: about half the size; the threshold is computed for this file',
} as const;

export const labels = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "the run's",
  describe: 'Text file with class names, one per line',
  coerce: lastOf,
} as const;

export const ofRun = {
  detector: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: "With a run folder: the detector's name in the run's tables",
  },
  tpr: {
    type: 'number',
    requiresArg: true,
    defaultDescription: '0.95',
    describe: 'With a run folder: share of ID images that the threshold accepts (true positive rate)',
  },
} as const;

export const relocation = {
  weights: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'as in the run',
    describe: 'With a run folder: current path of the network weights, a file or a folder with several',
    coerce: lastOf,
  },
  data: {
    type: 'string',
    array: true,
    requiresArg: true,
    defaultDescription: 'as in the run',
    describe: 'With a run folder: current folder of its ID images; for several sets, repeat <set>=<folder>',
  },
} as const;

export const csv = {
  type: 'boolean',
  default: false,
  describe: 'Print CSV, one line per image',
} as const;

export const jsonLines = { ...json, describe: 'Print JSON, one object per line and image' } as const;

export const fdr = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'none: each image is judged separately',
  describe: 'Control the false discovery rate: on average at most this share of the rejected images is ID',
} as const;

export const failOnOod = {
  type: 'boolean',
  default: false,
  describe: 'Exit with code 3 if any image is out of distribution (OOD)',
} as const;

export const calibratedTo = { ...to, default: 'calibrated.onnx' } as const;

export const confidence = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'none: the promise holds on average',
  describe: 'Confidence that this particular threshold accepts the share in --tpr',
} as const;

export const perClass = {
  type: 'boolean',
  default: false,
  describe: 'Keep the promise separately for each frequent class, and for all others together',
} as const;

export const watchOptions = {
  alpha: {
    type: 'number',
    requiresArg: true,
    default: 0.01,
    describe: 'False alarm rate: the share of unchanged cameras that may ever be reported as drifted',
  },
  json: { ...json, describe: 'Print JSON: one object for the alarm and one for the result' },
  'fail-on-drift': {
    type: 'boolean',
    default: false,
    describe: 'Exit with code 3 if more images are refused than promised',
  },
  quiet,
} as const;

export const serveOptions = {
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'Address to listen on; 0.0.0.0 for all network interfaces',
    coerce: lastOf,
  },
  port: { type: 'number', requiresArg: true, default: 8080, describe: 'Port to listen on; 0 chooses a free one' },
  'allow-host': {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    defaultDescription: 'localhost and loopback addresses',
    describe: 'Host name that requests may use in their Host header; may be repeated',
  },
  workers: {
    type: 'number',
    requiresArg: true,
    defaultDescription: 'one per core, at most 8',
    describe: 'Number of processes that decode and score, plus one spare',
  },
  'max-pixels': {
    type: 'number',
    requiresArg: true,
    default: 50_000_000,
    describe: 'Reject images with more pixels',
  },
} as const;
