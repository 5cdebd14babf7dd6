import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { families, schemaOf, type HookDefinition, type ScorerDefinition } from '@farout/core';
import { hooks } from '@farout/hooks';
import { scorers } from '@farout/scorers';
import type { Comparison } from './catalogue.ts';

const page = fileURLToPath(new URL('../../docs/detectors.md', import.meta.url));
const [begin, end] = ['<!-- written by npm run fidelity -- catalogue --write -->', '<!-- until here -->'];

type Definition = HookDefinition | ScorerDefinition;

/** Rewrites the tables of docs/detectors.md: every hook and scorer, and its difference from its authors' code. */
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

/** Parts without a column in the reference: the authors' code was run by hand, as described in docs/detectors.md. */
const byHand: Readonly<Record<string, readonly [what: string, difference: string]>> = {
  odin: ["ReAct's authors, by `npm run fidelity -- odin`", '–'],
  'i-odin': ['openood, by hand', '1.3e-7'],
  caref: ['the authors, by hand', '1.2e-7'],
  cadref: ['the authors, by hand', '2.5e-7'],
  ddcs: ['the authors, by hand', '4.4e-7'],
  optfs: ['the authors, by hand', '5.1e-7'],
  mcm: ["the authors' formula, by hand", '1.0e-7'],
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
  const unmeasured = byHand[name] ?? [about?.unproven ?? '–', '–'];
  const proof = own.length > 0 ? [compared.join(', '), largest.toExponential(1)] : unmeasured;
  const kind = 'score' in definition || 'rows' in definition ? '' : ' (hook)';
  const called = [name, ...(about?.aliases ?? [])].map((each) => `\`${each}\``).join(', ');
  return `| ${[`${called}${kind}`, about?.summary ?? '', about?.source ?? '', parametersOf(definition), ...proof].map(cell).join(' | ')} |`;
}

/** The part that a row of the comparison is about: a detector's first part, or its scorer, including variants with given draws. */
function mainPart(parts: unknown): string {
  const first: unknown = Array.isArray(parts) ? parts[0] : parts;
  const name = typeof first === 'string' ? first : Object.keys(first as object)[0]!;
  return name.replace(/-golden$/, '');
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
