import { version } from '../invocation.ts';
import type { NewPackage, NewPart, TemplateKind } from './new-package.ts';

/** The tools that a TypeScript package is built and tested with; a test compares them with those of this repository. */
export const programs = { '@types/node': '^20.19.0', typescript: '^6.0.3', vitest: '^4.1.12' };

const byLanguage = {
  ts: {
    exports: { types: './dist/index.d.ts', default: './dist/index.js' },
    folder: 'dist',
    scripts: {
      test: 'vitest run --testTimeout=60000',
      types: 'tsc',
      build: 'tsc -p tsconfig.build.json',
      prepack: 'npm run types && npm run build',
    },
    programs,
  },
  js: { exports: './src/index.js', folder: 'src', scripts: { test: 'node --test' }, programs: {} },
};

/**
 * The package.json. What the package shares with farout is a peer dependency, so that there is only one copy. Its
 * licence is UNLICENSED until its author chooses one.
 */
export function manifest({ kind, name, language }: NewPackage, parts: readonly NewPart[]): string {
  const { exports, folder, scripts, programs } = byLanguage[language];
  const hasWeights = parts.some((part) => part.kind === 'backbone');
  const range = `^${version}`;
  const content = {
    name,
    version: '0.1.0',
    description: `A ${kind} for farout`,
    keywords: ['farout', 'out-of-distribution'],
    license: 'UNLICENSED',
    type: 'module',
    engines: { node: '^20.19 || ^22.12 || >=24' },
    exports,
    files: [folder, ...(hasWeights ? ['weights'] : [])],
    scripts,
    peerDependencies: { '@farout/core': range, ...(hasWeights && { '@farout/tensor': range }) },
    devDependencies: { '@farout/testing': range, ...programs, farout: range },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** The module that a package exports: its parts as one plugin. */
export function pluginModule({ name, language }: NewPackage, parts: readonly NewPart[]): string {
  const imports = parts.map((part) => `import { ${part.kind} } from './${part.name}.${language}';`);
  const members = parts.map(({ kind }) => `  ${kind}s: [${kind}],`);
  return `import { definePlugin } from '@farout/core';
${imports.join('\n')}

/** What this package adds to farout. */
export default definePlugin({
  name: '${name}',
${members.join('\n')}
});
`;
}

/** An experiment, as YAML, that compares the package's parts with energy and ReAct on the demonstration's network and images. */
export function trialExperiment({ name, language }: NewPackage, parts: readonly NewPart[]): string {
  const named = (kind: TemplateKind) => parts.find((part) => part.kind === kind)?.name;
  const dataset = named('dataset');
  const metric = named('metric');
  return `# Run it with: npx farout run experiment.yaml
name: ${name}
plugins: [./src/index.${language}]
backbone: ${named('backbone') ?? 'demo-resnet'}
datasets:
  objects: ${dataset ? `{ ${dataset}: { root: images } } # twelve images only` : drawn('objects', 3)}
  validation: ${drawn('objects', 2)}
  textures: ${drawn('textures', 3)}
  unseen-shapes: ${drawn('unseen-shapes', 3)}
id: objects
fit: validation
ood: [textures, unseen-shapes]
detectors:
  Energy: energy
  ReAct: [react, energy]
${detectors(named('hook'), named('scorer'))}metrics: [${['fpr95', 'auroc', ...(metric ? [metric] : [])].join(', ')}]
`;
}

const drawn = (set: string, seed: number) => `{ demo-images: { set: ${set}, count: 500, seed: ${seed} } }`;

/** A hook without a scorer is followed by energy. A scorer is also used behind ReAct, or behind the package's own hook. */
function detectors(hook: string | undefined, scorer: string | undefined): string {
  const lines = [
    ...(hook ? [`  ${hook}: [${hook}, energy]`] : []),
    ...(scorer ? [`  ${scorer}: ${scorer}`, `  ReAct + ${scorer}: [react, ${scorer}]`] : []),
    ...(hook && scorer ? [`  ${hook} + ${scorer}: [${hook}, ${scorer}]`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The README of a new package: how to test, try, use and publish it. */
export function readme({ name, kind, language }: NewPackage, parts: readonly NewPart[]): string {
  const files = parts.map(
    (part) => `- \`src/${part.name}.${language}\`: the ${part.kind} \`${part.name}\`. ${starts[part.kind]}`,
  );
  return `# ${name}

A ${kind} for farout, which compares out-of-distribution detectors. What is here works: make it yours, file by file.

${files.join('\n')}
- \`src/index.${language}\`: what farout loads.

## Test it

\`\`\`sh
npm install
npm test
\`\`\`

The cases in \`tests\` are yours; around them, farout's conformance kit tests what every part of its kind must do.

## Try it

\`\`\`sh
npx farout run experiment.yaml
\`\`\`

compares it with energy and ReAct on farout's demonstration. \`npx farout check experiment.yaml\` finds mistakes without a run.

## Use it

Where it is installed, an experiment names the package and its parts:

\`\`\`yaml
plugins: [${name}]
\`\`\`

Without installing, \`plugins: [<path to this folder>/src/index.${language}]\` does the same.

## Publish it

1. Choose a licence: write its text to \`LICENSE\` and its name to \`license\` in \`package.json\`, which says UNLICENSED until then.
2. In \`package.json\`, set \`name\` to its name on npm, such as \`farout-${name}\`. Experiments name the package by it; the parts keep their names.
3. \`npm publish\`${language === 'ts' ? ', which checks the types and builds first' : ''}. \`npm pack --dry-run\` shows what would be in it.

\`@farout/core\` stays among the \`peerDependencies\`: farout and its plugins share one copy.
`;
}

/** What the templates contain. */
const starts = {
  backbone: 'It starts as the network of the demonstration, with its weights in `weights`.',
  hook: 'It starts as a smooth bound on the features.',
  scorer: 'It starts as the negative entropy of the softmax.',
  dataset: 'It starts as the images of a folder, with the class in their names; there are some in `images`.',
  metric: "It starts as Youden's J.",
} as const;
