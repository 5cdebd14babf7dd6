import type { MistakeCase } from './mistake-cases.ts';

/** Experiments that mean something that YAML, a path or a part does not say, and what the advice is. */
export const misunderstandingCases: readonly MistakeCase[] = [
  ...[
    ['0x10', '0x10'],
    ['012', '012'],
    ['1e3', '1e3'],
    ['.5', '.5'],
    ['1.0', '1.0'],
    ['True', 'True'],
    ['~', '~'],
    ['null', 'null'],
    ['.inf', '.inf'],
  ].map(([written, text]): MistakeCase => ({
    title: `a name that YAML takes for something else: ${written!}`,
    ...{ from: 'id: photographs', to: `id: ${written!}` },
    ...{ code: 'OOD_CONFIG_TYPE', line: 11, column: 5, fix: `Put it in quotes: "${text!}".` },
  })),
  {
    title: 'a number in a list of names, as it is written',
    ...{ from: '[textures, sun]', to: '[textures, 012]' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 13, column: 17, fix: 'Put it in quotes: "012".' },
    message: '"ood.1" must be text, but is 012, which YAML reads as 12',
  },
  {
    title: 'a number where a path belongs',
    ...{ from: 'root: images/sun', to: 'root: 007' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 10, column: 27, fix: 'Put it in quotes: "007".' },
  },
  {
    title: 'a detector that is a map of its parts',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '{ react: { percentile: 90 }, energy: {} }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 16, column: 3, fix: 'ReAct: [ { react: { percentile: 90 } }, energy ]' },
  },
  {
    title: 'a detector that names its hooks and its scorer',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '{ hooks: [react: { c: 1 }], scorer: energy }' },
    ...{
      code: 'OOD_CONFIG_TYPE',
      line: 16,
      column: 12,
      fix: 'the scorer last: ReAct: [ { react: { c: 1 } }, energy ]',
    },
  },
  {
    title: 'two scorers in one map',
    ...{ from: 'Energy: energy', to: 'Energy: { msp: {}, energy: {} }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 15, column: 3, fix: '[ msp, energy ]. Two scorers are two detectors.' },
    message: '"detectors.Energy" names 2 parts at once: msp, energy',
  },
  {
    title: 'two parts in one entry of a list',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '[{ react: { percentile: 90 }, energy: }]' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 16, column: 10, fix: 'ReAct: [ { react: { percentile: 90 } }, energy ]' },
    message: '"detectors.ReAct.0" names 2 parts at once: react, energy',
  },
  {
    title: 'two backbones',
    ...{ from: 'tiny: { weights: model.pth }', to: 'tiny: { weights: model.pth }\n  tinier: {}' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 2, column: 1, fix: 'Keep one of them.' },
    message: '"backbone" names 2 parts at once: tiny, tinier',
  },
  {
    title: 'two datasets under one name',
    ...{ from: 'image-folder: { root: images/sun }', to: 'image-folder: { root: images/sun }\n    image-list: {}' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 9, column: 3, fix: 'Give each of them its own name.' },
    message: '"datasets.sun" names 2 parts at once: image-folder, image-list',
  },
  {
    title: 'parameters that stand beside their part',
    ...{ from: 'Energy: energy', to: 'Energy:\n    energy:\n    temperature: 2' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 17, column: 18, fix: 'the name: Energy: { energy: { temperature: 2 } }' },
  },
  {
    title: 'parameters of a backbone that stand beside it',
    ...{ from: 'tiny: { weights: model.pth }', to: 'tiny:\n  weights: model.pth' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 4, column: 12, fix: 'the name: backbone: { tiny: { weights: model.pth } }' },
  },
  {
    title: 'detectors without names',
    ...{
      from: 'detectors:\n  Energy: energy\n  ReAct: [react: { percentile: 90 }, energy]',
      to: 'detectors: [msp, energy: { temperature: 2 }]',
    },
    ...{
      code: 'OOD_CONFIG_TYPE',
      line: 14,
      column: 1,
      fix: 'detectors: { msp: msp, energy: { energy: { temperature: 2 } } }',
    },
  },
  {
    title: 'a short form of a metric',
    ...{ from: '[fpr95]', to: '[fpr]' },
    ...{ code: 'OOD_UNKNOWN_METRIC', line: 17, column: 11, fix: 'Did you mean "fpr95"?' },
  },
  {
    title: 'several documents',
    ...{ from: 'metrics: [fpr95]', to: '---\nname: other' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 17, column: 1, fix: 'its own file' },
    message: 'several YAML documents in one file: another one begins here',
  },
  {
    title: 'a path of Windows',
    ...{ from: 'images/sun', to: "'images\\sun'" },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'Write / for \\: "images/sun".' },
  },
  {
    title: 'a path of Windows with a drive',
    ...{ from: 'images/sun', to: "'C:\\images\\sun'" },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: '"/mnt/c/images/sun"' },
  },
  {
    title: 'a path of Windows in double quotes, which YAML does not take',
    ...{ from: 'images/sun', to: '"images\\sun"' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 10, column: 34, fix: 'use single quotes, or / in a path' },
  },
  {
    title: 'a path of Windows in double quotes that YAML takes for another one',
    ...{ from: 'images/sun', to: '"images\\textures"' },
    ...{
      code: 'OOD_MISSING_FILE',
      line: 10,
      column: 27,
      fix: 'in double quotes \\t and \\n are a tab and a line break',
    },
  },
  {
    title: 'the home folder as a shell has it',
    ...{ from: 'images/sun', to: '~/sun' },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'write "${HOME}/sun"' },
  },
  {
    title: 'a variable without braces',
    ...{ from: 'images/sun', to: '$HOME/sun' },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'write "${HOME}", with braces' },
  },
  {
    title: 'a store whose name a shell would replace',
    ...{ from: 'metrics: [fpr95]', to: 'store: ~/store' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 17, column: 8, fix: 'write "${HOME}/store"' },
    message: '"store" would be a new folder called "~/store"',
  },
  {
    title: 'a name longer than the file system takes',
    ...{ from: 'images/sun', to: 'x'.repeat(5000) },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'at most 255 bytes' },
  },
  {
    title: 'a name of a run that is longer than the file system takes, though it has few letters',
    ...{ from: 'name: test', to: `name: ${'写'.repeat(90)}` },
    ...{ code: 'OOD_CONFIG_TYPE', line: 1, column: 7, fix: 'For example: name' },
    message: `"name" must have at most 214 bytes in UTF-8, but is "${'写'.repeat(59)}…`,
  },
  ...['label', 'dataset', 'image', 'predicted', 'group', 'Label'].map((name): MistakeCase => ({
    title: `a detector called as a column of scores.csv: ${name}`,
    ...{ from: 'Energy:', to: `${name}:` },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 15, column: 3, fix: 'Give it another name.' },
    message: `"${name}" is already the name of a column of scores.csv`,
  })),
  {
    title: 'a detector whose name ends with a blank',
    ...{ from: 'Energy:', to: '"Energy ":' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 15, column: 3, fix: 'Write "Energy".' },
  },
  {
    title: 'a mean of pixels in 0..255',
    ...{ from: 'weights: model.pth', to: 'weights: model.pth, mean: [123.675, 0.5, 0.5]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 3, column: 38, fix: 'divide by 255' },
    message: '"mean.0" of tiny must be at most 1, but is 123.675',
  },
  {
    title: 'a deviation of pixels in 0..255',
    ...{ from: 'weights: model.pth', to: 'weights: model.pth, std: [0.2, 58.395, 0.2]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 3, column: 42, fix: 'divide by 255' },
  },
  {
    title: 'a deviation of 0',
    ...{ from: 'weights: model.pth', to: 'weights: model.pth, std: [0, 0.2, 0.2]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 3, column: 37, fix: 'standard deviation of each colour channel' },
  },
  {
    title: 'a mean below 0',
    ...{ from: 'weights: model.pth', to: 'weights: model.pth, mean: [0.2, -0.5, 0.2]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 3, column: 43, fix: 'mean of each colour channel' },
  },
];
