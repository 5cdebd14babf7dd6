import { type Command, defineCommand } from './command.ts';
import {
  calibratedTo,
  confidence,
  csv,
  detector,
  failOnOod,
  fdr,
  half,
  huggingFace,
  jsonLines,
  labels,
  modelInput,
  modelTo,
  ofRun,
  page,
  perClass,
  relocation,
  serveOptions,
  tpr,
  watchOptions,
} from './deploy-options.ts';
import { plugin, quiet, set } from './options.ts';

/** The commands that export a detector's file, score with it and monitor it. */
export const deployCommands: readonly Command[] = [
  defineCommand({
    name: 'export',
    describes: 'Export a detector of a run as one ONNX file, including the network and its threshold',
    words: { run: { type: 'string', demandOption: true, describe: 'A run folder, such as runs/demo' } },
    options: {
      detector,
      to: modelTo,
      page,
      'hugging-face': huggingFace,
      tpr,
      input: modelInput,
      half,
      labels,
      ...relocation,
      set,
      plugin,
    },
    examples: [
      ['export runs/demo --detector ReAct', 'Write backbone, ReAct, energy score and threshold to detector.onnx'],
      [
        'export runs/demo --detector ReAct --tpr 0.99 --input float --to lenient.onnx',
        'Set the threshold to reject one ID image in a hundred',
      ],
      [
        'export runs/demo --detector ReAct --input photo --half --to photo.onnx',
        'Accept photographs of any size; with half precision, the file is about half as large',
      ],
      ['export runs/demo --detector ReAct --hugging-face react', 'Write a folder for the Hugging Face Hub'],
      [
        'export runs/demo --detector ReAct --page site',
        'Write a web page that scores dropped photographs, for any static server',
      ],
    ],
    load: async () => (await import('./commands/export.ts')).exportRun,
  }),
  defineCommand({
    name: 'score',
    describes: 'Classify images as in-distribution (ID) or out-of-distribution (OOD)',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A detector file from farout export, or a run folder' },
      images: {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Images or folders of images, or - to read an image from stdin',
      },
    },
    readsStdin: true,
    options: { ...ofRun, ...relocation, set, plugin, json: jsonLines, csv, fdr, 'fail-on-ood': failOnOod },
    examples: [
      ['score detector.onnx photo.jpg', 'Print the class, score and verdict for a photograph'],
      [
        'score detector.onnx photos --csv > verdicts.csv',
        'Score all images in a folder and its subfolders, for a spreadsheet',
      ],
      [
        'score detector.onnx photos --fdr 0.05',
        'Choose which images to reject; on average at most one in twenty rejections is wrong',
      ],
      ['score runs/demo --detector ReAct photo.jpg', 'Use a detector of a run directly, without exporting it'],
    ],
    load: async () => (await import('./commands/score.ts')).score,
  }),
  defineCommand({
    name: 'serve',
    describes: 'Start an HTTP service that scores images with an exported detector',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A detector file from farout export or farout calibrate' },
    },
    options: serveOptions,
    examples: [
      ['serve detector.onnx', 'Listen on http://127.0.0.1:8080, for this machine only'],
      [
        'serve detector.onnx --host 0.0.0.0 --allow-host ood.example.org',
        'Listen for other machines, behind a proxy that authenticates them',
      ],
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  }),
  defineCommand({
    name: 'calibrate',
    describes: 'Set the threshold of an exported detector with your own images',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A detector file from farout export' },
      images: { type: 'string', demandOption: true, describe: 'A folder of in-distribution (ID) images' },
    },
    options: { tpr, confidence, 'per-class': perClass, to: calibratedTo, quiet },
    examples: [
      ['calibrate detector.onnx photographs', 'Reject on average at most 5 % of photographs like these'],
      [
        'calibrate detector.onnx photographs --tpr 0.99 --confidence 0.99 --to strict.onnx',
        'Reject at most 1 % with this particular threshold, with a confidence of 0.99',
      ],
      [
        'calibrate detector.onnx photographs --per-class --to each.onnx',
        'Reject at most 5 % of the images predicted as each frequent class',
      ],
    ],
    load: async () => (await import('./commands/calibrate.ts')).calibrate,
  }),
  defineCommand({
    name: 'watch',
    describes: 'Detect drift: check whether more images are refused than promised',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A detector file from farout calibrate or farout export' },
      images: {
        type: 'string',
        demandOption: true,
        describe: 'A folder of images, a log printed by farout score, or - to read a log from stdin',
      },
    },
    readsStdin: true,
    options: watchOptions,
    examples: [
      ['watch calibrated.onnx photos/today', 'Check the images in a folder once'],
      ['watch calibrated.onnx log.csv --fail-on-drift', 'Check after every image in a log of farout score --csv'],
    ],
    load: async () => (await import('./commands/watch.ts')).watch,
  }),
];
