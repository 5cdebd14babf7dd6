/** One step of the path of a `--set`. */
export interface OverrideStep {
  readonly key: string;
  /** Where it stands in the text, from 0, and how long it is. */
  readonly from: number;
  readonly to: number;
}

/** A `--set` taken apart. */
export interface Override {
  readonly steps: readonly OverrideStep[];
  /** Where the YAML of the value begins, from 0. */
  readonly valueStart: number;
}

/** A key in quotes, or up to the next dot or equals sign; then what follows it. */
const step = /(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^."'=][^.=]*))([.=])/sy;

/** Takes `path=value` apart: keys and indexes parted by dots, a key with dots in quotes. Undefined when it has no such form. */
export function parseOverride(text: string): Override | undefined {
  const steps: OverrideStep[] = [];
  for (let from = 0, end = ''; end !== '='; from = step.lastIndex) {
    step.lastIndex = from;
    const match = step.exec(text);
    if (!match) return undefined;
    const [whole, double, single, bare] = match;
    const key = double?.replace(/\\(.)/gs, '$1') ?? single ?? bare!;
    steps.push({ key, from, to: from + whole.length - 1 });
    end = match[4]!;
  }
  return { steps, valueStart: step.lastIndex };
}
