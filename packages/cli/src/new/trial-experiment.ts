import type { NewPackage, NewPart, PartKind } from './new-package.ts';

/** An experiment that puts the package's parts beside energy and ReAct, on the demonstration's network and images; YAML. */
export function trialExperiment({ name, language }: NewPackage, parts: readonly NewPart[]): string {
  const named = (kind: PartKind) => parts.find((part) => part.kind === kind)?.name;
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

/** A hook alone is followed by energy; a scorer is also put behind ReAct, or behind the package's own hook. */
function detectors(hook: string | undefined, scorer: string | undefined): string {
  const lines = [
    ...(hook ? [`  ${hook}: [${hook}, energy]`] : []),
    ...(scorer ? [`  ${scorer}: ${scorer}`, `  ReAct + ${scorer}: [react, ${scorer}]`] : []),
    ...(hook && scorer ? [`  ${hook} + ${scorer}: [${hook}, ${scorer}]`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
