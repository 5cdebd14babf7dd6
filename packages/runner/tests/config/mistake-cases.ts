import type { ErrorCode } from '@farout/core';

export interface MistakeCase {
  readonly title: string;
  /** What is replaced in a correct experiment; absent: `to` is the whole file. */
  readonly from?: string;
  readonly to: string;
  readonly code: ErrorCode;
  readonly line: number;
  readonly column: number;
  /** What the fix says, among other things. */
  readonly fix: string;
  readonly message?: string;
}

/** Experiments with one mistake each, and where and how it is to be reported. */
export const mistakeCases: readonly MistakeCase[] = [
  {
    title: 'an unknown scorer',
    ...{ from: 'Energy: energy', to: 'Energy: enrgy' },
    ...{ code: 'OOD_UNKNOWN_SCORER', line: 15, column: 11, fix: 'Did you mean "energy"?' },
  },
  {
    title: 'an unknown hook',
    ...{ from: '[react:', to: '[reakt:' },
    ...{ code: 'OOD_UNKNOWN_HOOK', line: 16, column: 11, fix: 'Did you mean "react"?' },
  },
  {
    title: 'an unknown backbone',
    ...{ from: 'tiny:', to: 'tinny:' },
    ...{ code: 'OOD_UNKNOWN_BACKBONE', line: 3, column: 3, fix: 'Did you mean "tiny"?' },
  },
  {
    title: 'an unknown dataset',
    ...{ from: '[textures, sun]', to: '[textures, sunn]' },
    ...{ code: 'OOD_UNKNOWN_DATASET', line: 13, column: 17, fix: 'Did you mean "sun"?' },
  },
  {
    title: 'an unknown kind of dataset',
    ...{ from: 'image-folder: { root: images/sun', to: 'image-foldr: { root: images/sun' },
    ...{ code: 'OOD_UNKNOWN_DATASET', line: 10, column: 5, fix: 'Did you mean "image-folder"?' },
  },
  {
    title: 'an unknown metric',
    ...{ from: '[fpr95]', to: '[fpr95, auroc95]' },
    ...{ code: 'OOD_UNKNOWN_METRIC', line: 17, column: 18, fix: 'Did you mean "auroc"?' },
  },
  {
    title: 'an unknown key',
    ...{ from: 'metrics:', to: 'metrix:' },
    ...{ code: 'OOD_UNKNOWN_KEY', line: 17, column: 1, fix: 'Did you mean "metrics"?' },
  },
  {
    title: 'an unknown parameter',
    ...{ from: 'percentile: 90', to: 'percentle: 90' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 16, column: 20, fix: 'Did you mean "percentile"?' },
  },
  {
    title: 'a parameter of a part that has none',
    ...{ from: 'Energy: energy', to: 'Energy: { msp: { temperature: 2 } }' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 15, column: 20, fix: 'Remove it.' },
  },
  {
    title: 'a parameter that is absent',
    ...{ from: '{ root: images/sun }', to: '{ limit: 5 }' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 10, column: 5, fix: 'Give "root" text' },
  },
  {
    title: 'a parameter of the wrong type',
    ...{ from: 'percentile: 90', to: 'percentile: many' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 16, column: 32, fix: 'a number from 0 to 100' },
    message: '"percentile" of react must be a number, but is "many"',
  },
  {
    title: 'a wrong entry in the list of a parameter',
    ...{ from: 'weights: model.pth', to: 'weights: model.pth, mean: [0.5, x, 0.5]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 3, column: 43, fix: 'a list of 3 values' },
  },
  {
    title: 'a parameter that is none of the choices',
    ...{ from: '{ root: images/sun', to: '{ labels: folder, root: images/sun' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 10, column: 29, fix: 'one of "none", "folders"' },
  },
  {
    title: 'percentile 101',
    ...{ from: 'percentile: 90', to: 'percentile: 101' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 16, column: 32, fix: 'a number from 0 to 100' },
    message: '"percentile" of react must be at most 100, but is 101',
  },
  {
    title: 'both c and percentile',
    ...{ from: 'percentile: 90', to: 'percentile: 90, c: 1.0' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 16, column: 32, fix: 'remove one' },
    message: 'react: c and percentile exclude each other',
  },
  {
    title: 'a key of the wrong type',
    ...{ from: 'name: test', to: 'name: test\nseed: ten' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 2, column: 7, fix: 'For example: seed: 0' },
    message: '"seed" must be a number, but is "ten"',
  },
  {
    title: 'a number where a name belongs',
    ...{ from: 'fit: photographs', to: 'fit: 2012' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 12, column: 6, fix: 'Put it in quotes: "2012".' },
  },
  {
    title: 'a name that is no name of a folder',
    ...{ from: 'name: test', to: 'name: ../test' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 1, column: 7, fix: 'For example: name: react-resnet50' },
  },
  {
    title: 'parameters that are no map',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '[react: 90, energy]' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 16, column: 18, fix: 'ReAct: [ react, energy ]' },
    message: '"detectors.ReAct.0.react" must be a map, but is 90',
  },
  {
    title: 'two parts in one map',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '{ react: , energy: }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 16, column: 3, fix: 'ReAct: [ react, energy ]' },
    message: '"detectors.ReAct" names 2 parts at once: react, energy',
  },
  {
    title: 'a detector without a part',
    ...{ from: 'Energy: energy', to: 'Energy: {}' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 15, column: 3, fix: 'For example: detectors: ' },
    message: '"detectors.Energy" names no part',
  },
  {
    title: 'another device',
    ...{ from: 'name: test', to: 'name: test\ndevice: tpu' },
    ...{ code: 'OOD_DEVICE_UNAVAILABLE', line: 2, column: 9, fix: 'device: cpu' },
    message: '"device" must be one of cpu, cuda, webgpu, auto, but is "tpu"',
  },
  {
    title: 'a missing folder',
    ...{ from: 'images/sun', to: 'images/snu' },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'Did you mean "images/sun"? Correct "root", a path' },
  },
  {
    title: 'a file where a folder belongs',
    ...{ from: 'images/sun', to: 'model.pth' },
    ...{ code: 'OOD_MISSING_FILE', line: 10, column: 27, fix: 'Correct "root"' },
  },
  {
    title: 'missing weights',
    ...{ from: 'model.pth', to: 'absent.pth' },
    ...{ code: 'OOD_MISSING_WEIGHTS', line: 3, column: 20, fix: 'https://weights.example/tiny-0123abcd.pth' },
  },
  {
    title: 'two detectors of one name',
    ...{ from: 'ReAct:', to: 'Energy:' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 16, column: 3, fix: 'Rename or remove one of the two' },
    message: 'duplicate key "Energy", first used in line 15',
  },
];
