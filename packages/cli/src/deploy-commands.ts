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
    describes: 'Write a detector of a run as one ONNX file, with its threshold',
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
      ['export runs/demo --detector ReAct', 'Backbone, ReAct, energy score and threshold as detector.onnx'],
      [
        'export runs/demo --detector ReAct --tpr 0.99 --input float --to lenient.onnx',
        'With a threshold that rejects one ID image in a hundred',
      ],
      [
        'export runs/demo --detector ReAct --input photo --half --to photo.onnx',
        'For photographs of any size, resized in the file, about half as large',
      ],
      ['export runs/demo --detector ReAct --hugging-face react', "A folder for Hugging Face's hub"],
      ['export runs/demo --detector ReAct --page site', 'A web page to drop photographs on, for any static server'],
    ],
    load: async () => (await import('./commands/export.ts')).exportRun,
  }),
  defineCommand({
    name: 'score',
    describes: 'Say of images whether they are in distribution (ID) or not (OOD)',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A file of farout export, or a run folder' },
      images: {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Images, folders of images, or - for an image on stdin',
      },
    },
    readsStdin: true,
    options: { ...ofRun, ...relocation, set, plugin, json: jsonLines, csv, fdr, 'fail-on-ood': failOnOod },
    examples: [
      ['score detector.onnx photo.jpg', 'Class, score and verdict of a photograph'],
      [
        'score detector.onnx photos --csv > verdicts.csv',
        'Of all images in a folder and those below, for a spreadsheet',
      ],
      ['score detector.onnx photos --fdr 0.05', 'Which of these to reject, at most one in twenty of them wrongly'],
      ['score runs/demo --detector ReAct photo.jpg', 'By a detector of a run, without a file of its own'],
    ],
    load: async () => (await import('./commands/score.ts')).score,
  }),
  defineCommand({
    name: 'serve',
    describes: 'Answer over HTTP whether images are in distribution',
    words: { model: { type: 'string', demandOption: true, describe: 'A file of farout export or calibrate' } },
    options: serveOptions,
    examples: [
      ['serve detector.onnx', 'On http://127.0.0.1:8080, for this machine alone'],
      ['serve detector.onnx --host 0.0.0.0 --allow-host ood.example.org', 'For others, behind a proxy that knows them'],
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  }),
  defineCommand({
    name: 'calibrate',
    describes: 'Learn the threshold of an exported detector on images of your own',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A file of farout export' },
      images: { type: 'string', demandOption: true, describe: 'A folder of images in distribution (ID)' },
    },
    options: { tpr, confidence, 'per-class': perClass, to: calibratedTo, quiet },
    examples: [
      ['calibrate detector.onnx photographs', 'Of photographs like these, at most 5 % are refused on average'],
      [
        'calibrate detector.onnx photographs --tpr 0.99 --confidence 0.99 --to strict.onnx',
        'At most 1 % by this very threshold, with a confidence of 0.99',
      ],
      [
        'calibrate detector.onnx photographs --per-class --to each.onnx',
        'At most 5 % of those that are taken for any one frequent class',
      ],
    ],
    load: async () => (await import('./commands/calibrate.ts')).calibrate,
  }),
  defineCommand({
    name: 'watch',
    describes: 'Say whether more images are refused than promised: has the camera changed?',
    words: {
      model: { type: 'string', demandOption: true, describe: 'A file of farout calibrate or farout export' },
      images: {
        type: 'string',
        demandOption: true,
        describe: 'A folder of images; or a log that farout score printed, - for one on stdin',
      },
    },
    readsStdin: true,
    options: watchOptions,
    examples: [
      ['watch calibrated.onnx photos/today', 'One look at the images in a folder'],
      ['watch calibrated.onnx log.csv --fail-on-drift', 'A look after every image of a log of farout score --csv'],
    ],
    load: async () => (await import('./commands/watch.ts')).watch,
  }),
];
