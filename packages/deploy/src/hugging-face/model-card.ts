import { printable } from '@farout/core';
import type { Description } from '@farout/verdict';

/**
 * The model card: front matter for the Hugging Face hub, then text for people. Everything that comes from a run (names, labels, licences) is
 * inserted as plain text: no markup, no keys, no links.
 */
export function modelCard(description: Description, file: string): string {
  const front = Object.entries(frontMatter(description)).map(([key, value]) => `${key}: ${yaml(value)}`);
  return `${['---', ...front, '---', '', ...textOf(description, file)].join('\n')}\n`;
}

/** JSON is valid YAML once line separators that only YAML knows are escaped. */
const yaml = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/gu,
    (each) => `\\u${each.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

function frontMatter(description: Description): Readonly<Record<string, unknown>> {
  const { detector, results, licence } = description;
  return {
    ...(licence !== undefined && licenceKeys(licence)),
    library_name: 'onnx',
    pipeline_tag: 'image-classification',
    tags: ['out-of-distribution-detection', 'farout', 'onnx'],
    'model-index': [{ name: detector, results: results.map(resultOf) }],
  };
}

/** The hub's identifiers of the most common weight licences; any other licence is given as `other` with its own name. */
const hubLicences: Readonly<Record<string, string>> = {
  'apache-2.0': 'apache-2.0',
  mit: 'mit',
  'bsd-3-clause': 'bsd-3-clause',
  'cc-by-4.0': 'cc-by-4.0',
  'cc-by-nc-4.0': 'cc-by-nc-4.0',
};

/** A manifest gives the identifier first, then remarks. */
function licenceKeys(licence: string): Readonly<Record<string, string>> {
  const [identifier = ''] = licence.toLowerCase().split(/[\s;(]/u);
  if (Object.hasOwn(hubLicences, identifier)) return { license: hubLicences[identifier]! };
  return { license: 'other', license_name: licence.slice(0, 200) };
}

type Result = Description['results'][number];

function resultOf({ ood, metric, value, interval }: Result) {
  const within = interval ? `, 95 % interval ${interval.low} to ${interval.high}` : '';
  return {
    task: { type: 'image-classification', name: 'Out-of-distribution detection' },
    dataset: { type: ood, name: ood },
    metrics: [{ type: metric, value, name: `${metric}${within}` }],
  };
}

/** Escapes everything that Markdown or HTML would interpret, and puts it on one line. */
export const plain = (text: string): string =>
  printable(text.replace(/\s+/gu, ' ')).replace(/[!-/:-@[-`{-~]/gu, '\\$&');

function textOf(
  { detector, threshold, results, ownScores, licence, input, parts }: Description,
  file: string,
): string[] {
  const share = (100 * threshold.tpr).toPrecision(3).replace(/\.?0+$/u, '');
  return [
    `# ${plain(detector)}`,
    '',
    `An image classifier that also detects out-of-distribution images, as one ONNX file: \`${file}\`.`,
    `Detector: ${parts.map(({ name }) => plain(name)).join(' + ')}, written by farout.`,
    '',
    `Input \`${input.name}\`, float32 (N, 3, ${input.size}, ${input.size}), as \`preprocessor_config.json\` says. Outputs: \`logits\`, \`probabilities\`,`,
    '`score` (higher = more in-distribution) and `is_in_distribution`, (N, 1).',
    '',
    `An image counts as in-distribution when its score exceeds ${threshold.value}; the requested share of in-distribution images is ${share} %.`,
    ...(ownScores
      ? [
          `The threshold comes from this file's own scores; its decision differs from the run's for ${ownScores.moved} of those images.`,
        ]
      : []),
    'Other libraries resize slightly differently, which changes scores: compare some of your images before you trust the threshold.',
    '',
    '## Results',
    '',
    '| OOD set | metric | value | 95 % interval |',
    '|---|---|---|---|',
    ...results.map(
      ({ ood, metric, value, interval }) =>
        `| ${plain(ood)} | ${plain(metric)} | ${value} | ${interval ? `${interval.low} to ${interval.high}` : ''} |`,
    ),
    '',
    'The numbers are fractions. They say what to expect on other images from the same sets, and nothing about other sets.',
    '',
    '## Licence of the weights',
    '',
    licence === undefined ? 'Not known: ask where the weights come from.' : plain(licence),
  ];
}
