import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { families, schemaOf, type HookDefinition, type ScorerDefinition } from '@farout/core';
import { hooks } from '@farout/hooks';
import { scorers } from '@farout/scorers';
import type { Comparison } from './catalogue.ts';

const page = fileURLToPath(new URL('../../docs/detectors.md', import.meta.url));
const [begin, end] = ['<!-- written by npm run fidelity -- catalogue --write -->', '<!-- until here -->'];

type Definition = HookDefinition | ScorerDefinition;

/** Writes the tables of docs/detectors.md anew: every hook and scorer, and how far it is from its authors' code. */
export function writePage(comparisons: readonly Comparison[]): void {
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
  const all: readonly Definition[] = [...scorers.scorers!, ...hooks.hooks!];
  const tables = families.flatMap((family) => {
    const rows = all.filter(({ about }) => about?.family === family).map((each) => rowOf(each, comparisons));
    return rows.length === 0 ? [] : [[`### ${headings[family]}`, '', ...head, ...rows].join('\n')];
  });
  writeFileSync(page, `${before}\n\n${tables.join('\n\n')}\n\n${after}`);
}

/** What was compared by hand with the authors' code, with its random draws or on images: these columns cannot be asked for in an experiment. */
const byHand: Readonly<Record<string, readonly [what: string, difference: string]>> = {
  odin: ["ReAct's authors, by `npm run fidelity -- odin`", '–'],
  'i-odin': ['OpenOOD, by hand', '5.3e-7'],
  corp: ['ood-kernel-pca with its draws, by hand', '5.9e-8'],
  weiper: ['the authors with their draws, by hand', '9.8e-7'],
  caref: ['the authors, by hand', '5.8e-8'],
  cadref: ['the authors, by hand', '1.8e-6'],
  ddcs: ['the authors, by hand', '4.8e-7'],
  optfs: ['the authors, by hand', '5.2e-7'],
  gram: ['openood with its split, by hand', '2.0e-4'],
  'mahalanobis-ensemble': ['openood with weights of 1, by hand', '2.7e-6'],
  mcm: ['its formula in float64, by hand', '5.7e-8'],
};

const headings = {
  logits: 'From logits',
  features: 'From features',
  distance: 'From distances',
  gradient: 'From gradients',
  maps: 'From maps',
} as const;

const head = [
  '| name | what it is | source | parameters | compared with | largest difference |',
  '|---|---|---|---|---|---|',
];

function rowOf(definition: Definition, comparisons: readonly Comparison[]): string {
  const { name, about } = definition;
  const own = comparisons.filter(({ parts }) => mainPart(parts) === name);
  const compared = [...new Set(own.map(({ column }) => column.split('/')[1]!))];
  const largest = own.reduce((most, { difference }) => Math.max(most, difference), 0);
  const unmeasured = byHand[name] ?? ['–', about?.unproven ?? '–'];
  const proof = own.length > 0 ? [compared.join(', '), largest.toExponential(1)] : unmeasured;
  const kind = 'score' in definition || 'rows' in definition ? '' : ' (hook)';
  return `| ${[`\`${name}\`${kind}`, about?.summary ?? '', about?.source ?? '', parametersOf(definition), ...proof].map(cell).join(' | ')} |`;
}

/** The part that a row of the comparison is about: the first of a detector's parts, or its scorer. */
function mainPart(parts: unknown): string {
  const first: unknown = Array.isArray(parts) ? parts[0] : parts;
  return typeof first === 'string' ? first : Object.keys(first as object)[0]!;
}

/** Parameters with their defaults. */
function parametersOf(definition: Definition): string {
  const names = Object.keys(schemaOf(definition).shape);
  const defaults: Readonly<Record<string, unknown>> = schemaOf(definition).safeParse({}).data ?? {};
  return names
    .map((name) => (defaults[name] === undefined ? `\`${name}\`` : `\`${name}\` ${JSON.stringify(defaults[name])}`))
    .join(', ');
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
