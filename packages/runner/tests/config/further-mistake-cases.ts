import type { MistakeCase } from './mistake-cases.ts';

/** More of them. */
export const furtherMistakeCases: readonly MistakeCase[] = [
  {
    title: 'a key twice',
    ...{ from: 'metrics: [fpr95]', to: 'name: again' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 17, column: 1, fix: 'Rename or remove one of the two' },
  },
  {
    title: 'a dataset listed twice',
    ...{ from: '[textures, sun]', to: '[textures, sun, textures]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 13, column: 22, fix: 'Remove one.' },
  },
  {
    title: 'a metric listed twice',
    ...{ from: '[fpr95]', to: '[fpr95, fpr95]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 17, column: 18, fix: 'Remove one.' },
  },
  {
    title: 'a dataset in and out of distribution',
    ...{ from: '[textures, sun]', to: '[textures, photographs]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 13, column: 17, fix: 'Remove it from "ood"' },
  },
  {
    title: 'an ID set listed twice',
    ...{ from: 'id: photographs', to: 'id: [photographs, photographs]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 11, column: 19, fix: 'Remove one.' },
  },
  {
    title: 'one of several ID sets out of distribution too',
    ...{ from: 'id: photographs', to: 'id: [photographs, sun]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 13, column: 17, fix: 'Remove it from "ood"' },
  },
  {
    title: 'an unknown dataset among the ID sets',
    ...{ from: 'id: photographs', to: 'id: [photographs, photograph]' },
    ...{ code: 'OOD_UNKNOWN_DATASET', line: 11, column: 19, fix: 'photographs' },
  },
  {
    title: 'no ID set in the list',
    ...{ from: 'id: photographs', to: 'id: []' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 11, column: 1, fix: '' },
    message: '"id" must have at least 1 entry, but is an empty list',
  },
  {
    title: 'YAML that ends in the middle',
    ...{ from: '[textures, sun]', to: '[textures, sun' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 14, column: 1, fix: 'brackets' },
  },
  {
    title: 'tabs as indentation',
    ...{ from: '  tiny:', to: '\ttiny:' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 3, column: 1, fix: 'Indent with spaces' },
  },
  {
    title: 'a variable without quotes within braces',
    ...{ from: 'root: images/sun', to: 'root: ${DATA}/sun' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 10, column: 28, fix: '"${NAME}/folder"' },
  },
  {
    title: 'an alias without its anchor',
    ...{ from: 'id: photographs', to: 'id: *photographs' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 11, column: 5, fix: 'Write &photographs before' },
  },
  {
    title: 'an unset variable',
    ...{ from: 'images/sun', to: '"${DATA}/sun"' },
    ...{ code: 'OOD_UNSET_VARIABLE', line: 10, column: 28, fix: '${DATA:-…}' },
    message: 'the variable DATA is not set',
  },
  {
    title: 'a reference that is none',
    ...{ from: 'images/sun', to: '"${DATA:?}/sun"' },
    ...{ code: 'OOD_CONFIG_SYNTAX', line: 10, column: 28, fix: '${NAME:-default}' },
  },
  {
    title: 'a published number of an unknown detector',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  Reakt: { sun: { fpr95: 0.242 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 3, fix: 'Did you mean "ReAct"?' },
    message: 'the experiment has no detector "Reakt" to compare with',
  },
  {
    title: 'a published number of an unknown OOD set',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sunn: { fpr95: 0.242 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 12, fix: 'Did you mean "sun"?' },
  },
  {
    title: 'a published number of the dataset in distribution',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { photographs: { fpr95: 0.242 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 12, fix: 'Add it to "ood"' },
  },
  {
    title: 'a published number of a metric that is not measured',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sun: { auroc: 0.942 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 19, fix: 'Add it to "metrics"' },
  },
  {
    title: 'a ratio of a metric that does not depend on the sizes of the sets',
    ...{ from: '[fpr95]', to: '[fpr95: { ratio: 1 }]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 17, column: 20, fix: 'Write only "fpr95".' },
    message: 'fpr95 does not depend on the sizes of the sets',
  },
  {
    title: 'a ratio that is none',
    ...{ from: '[fpr95]', to: '[precision: { ratio: 0 }]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 17, column: 31, fix: 'Give "ratio" a number from 0.000001 to 1000000' },
    message: '"ratio" of precision must be at least 0.000001, but is 0',
  },
  {
    title: 'a parameter that no metric has',
    ...{ from: '[fpr95]', to: '[precision: { raito: 1 }]' },
    ...{ code: 'OOD_BAD_PARAMETER', line: 17, column: 24, fix: 'Did you mean "ratio"?' },
  },
  {
    title: 'a metric at the same ratio twice',
    ...{ from: '[fpr95]', to: '[precision: { ratio: 1 }, precision, precision: { ratio: 1.0 }]' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 17, column: 47, fix: 'Remove one.' },
    message: '"precision at ratio 1" is listed twice',
  },
  {
    title: 'the ratio of a metric beside it',
    ...{ from: 'metrics: [fpr95]', to: 'metrics:\n  - precision:\n    ratio: 1' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 19, column: 12, fix: 'Indent the parameters further than the name' },
  },
  {
    title: 'a published number of a metric at another ratio',
    ...{
      from: '[fpr95]',
      to: '[precision: { ratio: 1 }]\npublished:\n  ReAct: { sun: { precision: 0.9, precision at ratio 1: 0.8 } }',
    },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 19, fix: 'Did you mean "precision at ratio 1"?' },
  },
  {
    title: 'a published average over other sets',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sun: { fpr95: 0.242 }, average: { fpr95: 0.3143 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 19, column: 46, fix: 'remove the average' },
    message: 'the published average is not over "ood": textures has no published fpr95',
  },
  {
    title: 'a published number of a group over other sets',
    ...{
      from: '[fpr95]',
      to: '[fpr95]\ngroups: { near: [sun, textures] }\npublished:\n  ReAct: { sun: { fpr95: 0.2 }, near: { fpr95: 0.3 } }',
    },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 20, column: 41, fix: 'remove the average' },
    message: 'the published average is not over the group "near": textures has no published fpr95',
  },
  {
    title: 'a published number of an unknown group',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: [sun] }\npublished:\n  ReAct: { naer: { fpr95: 0.2 } }' },
    ...{ code: 'OOD_PUBLISHED_MISMATCH', line: 20, column: 12, fix: 'Did you mean "near"?' },
    message: 'the experiment has no OOD set or group "naer" to compare with',
  },
  {
    title: 'a group with an unknown set',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: [textures, sunn] }' },
    ...{ code: 'OOD_GROUP_MISMATCH', line: 18, column: 28, fix: 'Did you mean "sun"?' },
    message: 'the group "near" names "sunn", which is not in "ood"',
  },
  {
    title: 'a group with the dataset in distribution',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: [photographs] }' },
    ...{ code: 'OOD_GROUP_MISMATCH', line: 18, column: 18, fix: "--set 'groups={}' drops all groups" },
  },
  {
    title: 'a group that lists a set twice',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: [sun, textures, sun] }' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 18, column: 33, fix: 'Remove one.' },
    message: '"sun" is listed twice',
  },
  {
    title: 'a group that is called as a set is',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { sun: [textures] }' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 18, column: 11, fix: 'another name' },
    message: '"sun" is the name that results use for a dataset',
  },
  {
    title: 'a group that is called as the dataset in distribution is',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { photographs: [textures] }' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 18, column: 11, fix: 'another name' },
  },
  {
    title: 'a group that is called average',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { average: [textures] }' },
    ...{ code: 'OOD_DUPLICATE_NAME', line: 18, column: 11, fix: 'another name' },
    message: '"average" is the name that results use for the mean over all OOD sets',
  },
  {
    title: 'a group whose name begins with a blank',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { " near": [textures] }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 18, column: 11, fix: 'Write "near".' },
  },
  {
    title: 'an empty group',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: [] }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 18, column: 11, fix: 'For example: groups: { near: ' },
    message: '"groups.near" must have at least 1 entry, but is an empty list',
  },
  {
    title: 'a group that is no list',
    ...{ from: '[fpr95]', to: '[fpr95]\ngroups: { near: sun }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 18, column: 17, fix: 'For example: groups: { near: ' },
    message: '"groups.near" must be a list, but is "sun"',
  },
  {
    title: 'a published number in percent',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sun: { fpr95: 55.72 } }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 19, column: 26, fix: 'If 55.72 is in percent, write 0.5572.' },
    message: '"published.ReAct.sun.fpr95" must be a fraction from 0 to 1, but is 55.72',
  },
  {
    title: 'a published number that is below 0',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sun: { fpr95: -0.2 } }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 19, column: 26, fix: 'For example: published: { ReAct: ' },
  },
  {
    title: 'a published number that is none',
    ...{ from: '[fpr95]', to: '[fpr95]\npublished:\n  ReAct: { sun: 0.242 }' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 19, column: 17, fix: 'For example: published: { ReAct: ' },
  },
  {
    title: 'no OOD set',
    ...{ from: 'ood: [textures, sun]\n', to: '' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 1, column: 1, fix: 'ood: [ textures, sun ]' },
    message: 'the experiment has no "ood"',
  },
  {
    title: 'an empty list of OOD sets',
    ...{ from: '[textures, sun]', to: '[]' },
    ...{ code: 'OOD_CONFIG_TYPE', line: 13, column: 1, fix: 'ood: [ textures, sun ]' },
  },
  {
    title: 'no fit set for a part that learns',
    ...{ from: 'fit: photographs\n', to: '' },
    ...{ code: 'OOD_MISSING_FIT_SET', line: 15, column: 11, fix: 'Add "fit: photographs"' },
  },
  {
    title: 'a hook where a scorer belongs',
    ...{ from: 'Energy: energy', to: 'Energy: react' },
    ...{ code: 'OOD_WRONG_ROLE', line: 15, column: 11, fix: 'Put a scorer after it: [react, energy].' },
  },
  {
    title: 'a hook as the last part',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '[react: { percentile: 90 }]' },
    ...{ code: 'OOD_WRONG_ROLE', line: 16, column: 11, fix: 'Put a scorer after it' },
  },
  {
    title: 'a scorer before the last part',
    ...{ from: '[react: { percentile: 90 }, energy]', to: '[msp, energy]' },
    ...{ code: 'OOD_WRONG_ROLE', line: 16, column: 11, fix: 'Put it last' },
  },
  {
    title: 'an empty file',
    to: '',
    ...{ code: 'OOD_CONFIG_EMPTY', line: 1, column: 1, fix: 'name, backbone, id, ood and detectors are required' },
  },
  {
    title: 'a file with nothing but comments',
    to: '# name: test\n',
    ...{ code: 'OOD_CONFIG_EMPTY', line: 1, column: 1, fix: 'are required' },
  },
  {
    title: 'a list',
    to: '# an experiment\n- name: test\n',
    ...{ code: 'OOD_CONFIG_TYPE', line: 2, column: 1, fix: 'Write keys with values' },
    message: 'an experiment is a map of keys, but this is a list',
  },
];
