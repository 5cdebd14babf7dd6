import { printable } from '@farout/core';
import type { DataVerdict, Finding, SetSummary } from '@farout/runner';
import type picocolors from 'picocolors';

type Colours = ReturnType<typeof picocolors.createColors>;

/** How many findings of a kind are listed, and how many of the names in one finding. */
const spelledOut = 5;

/** The result of a check, for people: the datasets in numbers, then the findings for each. `file` contains all of them. */
export function verdictText(verdict: DataVerdict, file: string, colours: Colours): string {
  const { datasets, findings, notes } = verdict;
  const sets = Object.keys(datasets).flatMap((name) => {
    const own = findings.filter(({ dataset }) => dataset === name);
    return own.length === 0 ? [] : [[colours.bold(printable(name)), ...foundIn(own, colours)].join('\n')];
  });
  const sections = [table(datasets).join('\n'), ...sets, ...notes.map(printable), summary(verdict, file)];
  return `${sections.join('\n\n')}\n`;
}

const roleNames = { id: 'ID', fit: 'fit', 'select-id': 'select', 'select-ood': 'select', ood: 'OOD' } as const;

function table(datasets: DataVerdict['datasets']): string[] {
  const heads = ['dataset', 'role', 'images', 'expected', 'unreadable', 'classes', 'errors', 'warnings'];
  const rows = Object.entries(datasets).map(([name, set]) => [
    printable(name),
    [...new Set(set.roles.map((role) => roleNames[role]))].join(', ') || '–',
    set.listed === set.images ? String(set.images) : `${set.images} of ${set.listed}`,
    set.expected === null ? '–' : String(set.expected),
    String(set.unreadable),
    classes(set),
    String(set.errors),
    String(set.warnings),
  ]);
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const isText = (column: number) => column < 2;
  return all.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** `412, 1 to 4 each`. */
function classes({ classes: found }: SetSummary): string {
  if (!found) return '–';
  const { count, least, most } = found;
  return `${count}, ${least === most ? least : `${least} to ${most}`} each`;
}

/** By kind: how many, the first few of them, and what to do. */
function foundIn(findings: readonly Finding[], colours: Colours): string[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => {
    const { severity, kind } = group[0]!;
    const title = `${severity}, ${kind}${group.length > 1 ? `: ${group.length}` : ''}`;
    const first = group.slice(0, spelledOut);
    const more = group.length - first.length;
    const fixes = [...new Set(first.flatMap(({ fix }) => fix ?? []))];
    return [
      `  ${colours[severity === 'error' ? 'red' : 'yellow'](title)}`,
      ...first.flatMap(lines).map((line) => `    ${line}`),
      ...(more > 0 ? [`    and ${more} more`] : []),
      ...fixes.map((fix) => `    ${colours.dim(printable(fix))}`),
    ];
  });
}

function lines({ where, what, items = [] }: Finding): string[] {
  const more = items.length - spelledOut;
  const named = `${items.slice(0, spelledOut).map(printable).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [`${printable(where)}: ${printable(what)}`, ...(items.length > 1 ? [`  ${named}`] : [])];
}

function summary({ findings, datasets }: DataVerdict, file: string): string {
  const count = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length;
  const counted = (n: number, thing: string) => `${n === 0 ? 'no' : n} ${thing}${n === 1 ? '' : 's'}`;
  const said = `${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')} in ${counted(Object.keys(datasets).length, 'dataset')}.`;
  return `${said[0]!.toUpperCase()}${said.slice(1)} All findings: ${printable(file)}`;
}
