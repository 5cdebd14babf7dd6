import { json, lastOf, quiet, to } from './options.ts';

// Options of the commands that export a detector's file, score with it and monitor it.

export const detector = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe: "A detector as the run's tables call it",
} as const;

export const modelTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'detector.onnx, unless another option says what is written',
  describe: 'The file that is written; never one that is there already',
} as const;

export const huggingFace = {
  type: 'string',
  requiresArg: true,
  describe: "Folder for Hugging Face's hub: the model with configuration and card; never one that is there already",
  coerce: lastOf,
} as const;

export const page = {
  type: 'string',
  requiresArg: true,
  describe: 'Folder of a web page that scores photographs with it; never one that is there already',
  coerce: lastOf,
} as const;

export const tpr = {
  type: 'number',
  requiresArg: true,
  default: 0.95,
  describe: 'Which share of the ID images the threshold accepts',
} as const;

export const modelInput = {
  type: 'string',
  requiresArg: true,
  choices: ['pixels', 'float', 'photo'],
  defaultDescription: 'pixels',
  describe: 'What the file takes: uint8 pixels, normalised float32 images, or photographs of any size',
} as const;

export const half = {
  type: 'boolean',
  default: false,
  describe: 'Weights in half precision: about half the size, with a threshold of its own',
} as const;

export const labels = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "the run's",
  describe: 'Names of the classes, a line each',
  coerce: lastOf,
} as const;

export const ofRun = {
  detector: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: "Of a run folder: the detector, as the run's tables call it",
  },
  tpr: {
    type: 'number',
    requiresArg: true,
    defaultDescription: '0.95',
    describe: 'Of a run folder: which share of the ID images the threshold accepts',
  },
} as const;

export const relocation = {
  weights: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'where the run had them',
    describe: "Of a run folder: where the network's weights lie now, a file or the folder of several",
    coerce: lastOf,
  },
  data: {
    type: 'string',
    array: true,
    requiresArg: true,
    defaultDescription: 'where the run had them',
    describe: 'Of a run folder: where its ID images lie now; of several sets <set>=<folder>, repeated',
  },
} as const;

export const csv = {
  type: 'boolean',
  default: false,
  describe: 'Print CSV, a line for each image',
} as const;

export const jsonLines = { ...json, describe: 'Print JSON, one object a line for each image' } as const;

export const fdr = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'each image is judged by itself',
  describe: 'Reject images together: of those rejected, at most this share is ID on average',
} as const;

export const failOnOod = {
  type: 'boolean',
  default: false,
  describe: 'Exit with 3 when an image is out of distribution (OOD)',
} as const;

export const calibratedTo = { ...to, default: 'calibrated.onnx' } as const;

export const confidence = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'none: the promise is kept on average',
  describe: 'How sure it is to be that this very threshold accepts the share of --tpr',
} as const;

export const perClass = {
  type: 'boolean',
  default: false,
  describe: 'Keep the promise for each frequent class by itself, and for all others',
} as const;

export const watchOptions = {
  alpha: {
    type: 'number',
    requiresArg: true,
    default: 0.01,
    describe: 'Which share of all cameras that never change may ever be called drifted',
  },
  json: { ...json, describe: 'Print JSON, an object for the alarm and one for the end' },
  'fail-on-drift': { type: 'boolean', default: false, describe: 'Exit with 3 when more are refused than promised' },
  quiet,
} as const;

export const serveOptions = {
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'The address to listen on; 0.0.0.0 for all of this machine',
    coerce: lastOf,
  },
  port: { type: 'number', requiresArg: true, default: 8080, describe: 'The port; 0 takes any that is free' },
  'allow-host': {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    defaultDescription: 'localhost and loopback addresses',
    describe: 'A name under which it is asked, as in Host; may be repeated',
  },
  workers: {
    type: 'number',
    requiresArg: true,
    defaultDescription: 'one a core, at most 8',
    describe: 'Processes that decode and score, beside a spare one',
  },
  'max-pixels': {
    type: 'number',
    requiresArg: true,
    default: 50_000_000,
    describe: 'Refuse images of more pixels',
  },
} as const;
