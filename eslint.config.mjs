import nx from '@nx/eslint-plugin';
import parser from '@typescript-eslint/parser';
import { defineConfig } from 'eslint/config';
import jsonc from 'jsonc-eslint-parser';

/** Who may import whom, as docs/architecture.md draws it. */
const arrows = {
  tensor: [],
  onnx: ['tensor'],
  linalg: [],
  statistics: [],
  core: ['tensor', 'onnx'],
  images: ['core'],
  verdict: ['core'],
  web: ['core', 'images', 'verdict'],
  archives: [],
  acquire: ['archives', 'core'],
  checkpoints: ['archives', 'core'],
  s3: ['acquire', 'core'],
  runtime: ['core', 'tensor', 'onnx'],
  report: ['core', 'statistics'],
  testing: ['core', 'tensor', 'onnx', 'linalg', 'runtime'],
  backbones: ['core', 'tensor', 'onnx', 'checkpoints'],
  hooks: ['core', 'tensor'],
  scorers: ['core', 'linalg', 'tensor'],
  datasets: ['archives', 'core', 'tensor', 'checkpoints'],
  metrics: ['core', 'tensor'],
  demo: ['core', 'tensor', 'images'],
  cluster: ['core'],
  bullmq: ['core'],
  deploy: ['core', 'tensor', 'onnx', 'images', 'runner', 'runtime', 'statistics', 'verdict'],
  serve: ['core', 'deploy', 'images', 'runner', 'runtime', 'statistics'],
  runner: ['core', 'acquire', 'tensor', 'onnx', 'linalg', 'images', 'checkpoints', 'runtime', 'statistics'],
};
const everything = Object.keys(arrows);
/** What tests of a package may use beyond its sources: those of a plugin the test kit, and those of the service what writes a graph. */
const inTests = {
  ...Object.fromEntries(
    ['backbones', 'hooks', 'scorers', 'datasets', 'metrics', 'demo', 's3'].map((name) => [
      name,
      ['testing', 'runtime'],
    ]),
  ),
  serve: ['tensor', 'onnx'],
};

const constraints = (extra) => [
  ...Object.entries(arrows).map(([name, targets]) => ({
    sourceTag: `package:${name}`,
    onlyDependOnLibsWithTags: [...targets, ...(extra[name] ?? [])].map((target) => `package:${target}`),
  })),
  { sourceTag: 'package:cli', onlyDependOnLibsWithTags: everything.map((target) => `package:${target}`) },
];
/** What tests of several packages share. */
const sharedByTests = ['tools/s3-server\\.ts$', 'statistics/tests/parts/conformal-simulation\\.ts$'];
const boundaries = (extra, allow = []) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      depConstraints: constraints(extra),
      allow,
      allowCircularSelfDependency: true,
      // runtime loads it where it is used; tests import it as they import any other.
      checkDynamicDependenciesExceptions: ['@farout/onnx'],
    },
  ],
});

/** What the example plugins may import: they are written as outside authors would, who have the published packages alone. */
const publicDoor = (packages) => ({
  'no-restricted-imports': [
    'error',
    { patterns: [{ regex: `^@farout/(?!(${packages.join('|')})$)` }, { group: ['../../*'] }] },
  ],
});

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      'packages/web/assets/**',
      '**/node_modules/**',
      '.nx/**',
      'tmp/**',
      'runs/**',
      '**/*_pb.ts',
      'packages/*/assembly/**',
    ],
  },
  { plugins: { '@nx': nx } },
  { files: ['**/*.ts'], languageOptions: { parser } },
  { files: ['packages/*/src/**/*.ts'], rules: boundaries({}) },
  {
    // What tensors are made of is known where graphs are read, written and shipped, and given to plugins by the host.
    files: ['packages/*/src/**/*.ts'],
    ignores: [
      'packages/onnx/**',
      'packages/runner/src/plugins/load.ts',
      'packages/deploy/src/half.ts',
      'packages/deploy/src/photo.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { paths: ['@farout/tensor/graph'] }] },
  },
  { files: ['packages/*/tests/**/*.ts'], rules: boundaries(inTests, sharedByTests) },
  { files: ['docs/examples/*/src/**'], rules: publicDoor(['core', 'tensor', 'onnx', 'linalg']) },
  { files: ['docs/examples/*/tests/**'], rules: publicDoor(['core', 'tensor', 'onnx', 'linalg', 'images', 'testing']) },
  {
    files: ['packages/*/package.json'],
    languageOptions: { parser: jsonc },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: ['{projectRoot}/tests/**', '{projectRoot}/templates/**'],
          // Imported as #onnxruntime, which is another package where farout is installed: see tools/pack. bullmq looks for ioredis itself.
          ignoredDependencies: ['onnxruntime-node', 'ioredis'],
          checkVersionMismatches: false,
        },
      ],
    },
  },
);
