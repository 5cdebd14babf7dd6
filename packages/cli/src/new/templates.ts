import type { NewPackage, NewPart } from './new-package.ts';

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

The cases in \`tests\` are yours; around them, farout's conformance kit tests what every part of its kind must keep.

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
2. Choose the \`name\` in \`package.json\` that it is to have on npm, such as \`farout-${name}\`. Experiments name the package by it; the parts keep their names.
3. \`npm publish\`${language === 'ts' ? ', which checks the types and builds first' : ''}. \`npm pack --dry-run\` shows what would be in it.

\`@farout/core\` stays among the \`peerDependencies\`: farout and its plugins share one copy.
`;
}

/** What stands in the templates. */
const starts = {
  backbone: 'It begins as the network of the demonstration, with its weights in `weights`.',
  hook: 'It begins as a smooth bound on the features.',
  scorer: 'It begins as the negative entropy of the softmax.',
  dataset: 'It begins as the images of a folder, with the class in their names; some lie in `images`.',
  metric: "It begins as Youden's J.",
} as const;
