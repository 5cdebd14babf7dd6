import { didYouMean, FaroutError, type ErrorDetails, type SourcePlace } from '@farout/core';
import { refuseKey } from './faults.ts';
import { SourceText, type ConfigNode, type ListNode, type MapNode } from './node.ts';
import { parseYaml, type Environment, type ReadingContext } from './yaml.ts';

/** A value to be set. */
interface Override {
  /** Its name in places: `--set`. */
  readonly source: string;
  /** `path=value`, all of which is shown at places. */
  readonly text: string;
}

/** The overrides in the variable FAROUT_SET, one `path=value` per line. Those of the command line apply after them. */
export function environmentOverrides(env: Environment): Override[] {
  const lines = (env.FAROUT_SET ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((text) => ({ source: 'environment FAROUT_SET', text }));
}

/**
 * The experiment with one value replaced as a whole, or one key added. Faults are recorded at their place in the
 * override, and the experiment is then returned unchanged.
 */
export function applyOverride(root: MapNode, override: Override, context: ReadingContext): MapNode {
  try {
    return replace(root, override, context);
  } catch (error) {
    context.faults.note(error);
    return root;
  }
}

function replace(root: MapNode, { source: file, text }: Override, { cwd, env, faults }: ReadingContext): MapNode {
  const override = parseOverride(text);
  const placeOf = ({ from, to }: OverrideStep): SourcePlace => ({
    file,
    line: 1,
    column: from + 1,
    length: to - from,
    text,
  });
  if (!override) {
    throw bad({ file, line: 1, column: 1, length: text.length, text }, `"${text}" is not of the form path=value`, {
      fix: `Write for example --set 'detectors.ReAct.0.react={c: 1.0}'; quote keys that contain dots.`,
    });
  }
  const source = new SourceText(file, cwd, text, override.valueStart);
  const value = parseYaml(source, env, faults) ?? nothing(source);
  const [first, ...rest] = override.steps as [OverrideStep, ...OverrideStep[]];
  if (override.steps.some((step) => refuseKey(step.key, placeOf(step), faults))) return root;
  if (first.key === 'extends') {
    throw bad(placeOf(first), '"extends" cannot be overridden: it is read before any override', {
      fix: 'Write an experiment that extends the other one, and run that instead.',
    });
  }
  return new Replacement(value, placeOf).applyToMap(root, first, rest);
}

/** The value set by `path=` with nothing after it. */
const nothing = (source: SourceText): ConfigNode => ({
  kind: 'scalar',
  value: null,
  incomplete: false,
  place: source.place(0, 1),
  folder: source.folder,
});

const bad = (place: SourcePlace, message: string, details: Omit<ErrorDetails, 'place'>) =>
  new FaroutError('OOD_BAD_OVERRIDE', message, { ...details, place });

/** Replaces a value deep in a tree; returns a new tree and leaves the original unchanged. */
class Replacement {
  readonly #value: ConfigNode;
  readonly #placeOf: (step: OverrideStep) => SourcePlace;

  constructor(value: ConfigNode, placeOf: (step: OverrideStep) => SourcePlace) {
    this.#value = value;
    this.#placeOf = placeOf;
  }

  /** @throws FaroutError OOD_BAD_OVERRIDE at the step that does not exist. */
  #apply(node: ConfigNode, steps: readonly OverrideStep[]): ConfigNode {
    const [step, ...rest] = steps;
    if (!step) return this.#value;
    if (node.kind === 'list') return this.#applyToList(node, step, rest);
    if (node.kind === 'map') return this.applyToMap(node, step, rest);
    // A key without a value means an empty map, as for a part without parameters.
    if (node.value === null) return this.applyToMap({ ...node, kind: 'map', entries: new Map() }, step, rest);
    throw bad(this.#placeOf(step), `${JSON.stringify(node.value)} has no keys below it to set`, {
      fix: 'End the path one key earlier, and give the whole new value.',
    });
  }

  #applyToList(node: ListNode, step: OverrideStep, rest: readonly OverrideStep[]): ListNode {
    const { items } = node;
    const index = /^\d+$/.test(step.key) ? Number(step.key) : -1;
    const item = items[index];
    if (item) return { ...node, items: items.with(index, this.#apply(item, rest)) };
    throw bad(this.#placeOf(step), `the list has no entry ${step.key}`, {
      fix:
        items.length > 0 ? `Count its entries from 0 to ${items.length - 1}.` : 'It is empty: replace the whole list.',
    });
  }

  applyToMap(node: MapNode, step: OverrideStep, rest: readonly OverrideStep[]): MapNode {
    const { keyPlace = this.#placeOf(step), value } = node.entries.get(step.key) ?? {};
    if (!value && rest.length > 0) throw this.#noSuchKey(node, step);
    const replaced = value ? this.#apply(value, rest) : this.#value;
    return { ...node, entries: new Map(node.entries).set(step.key, { keyPlace, value: replaced }) };
  }

  #noSuchKey({ entries }: MapNode, step: OverrideStep): FaroutError {
    const names = [...entries.keys()];
    return bad(this.#placeOf(step), `there is no key "${step.key}"`, {
      fix: didYouMean(step.key, names) ?? 'Only the last key of a path may be new.',
      choices: { title: 'Available keys', names },
    });
  }
}

/** One step in the path of a `--set`. */
interface OverrideStep {
  readonly key: string;
  /** Start and end of the step in the text, counted from 0. */
  readonly from: number;
  readonly to: number;
}

/** A parsed `--set`. */
interface ParsedOverride {
  readonly steps: readonly OverrideStep[];
  /** Offset of the value's YAML, counted from 0. */
  readonly valueStart: number;
}

/** A quoted key, or everything up to the next dot or equals sign; then that separator. */
const oneStep = /(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^."'=][^.=]*))([.=])/sy;

/** Parses `path=value`: keys and indexes separated by dots; a key that contains dots is quoted. Undefined for any other form. */
function parseOverride(text: string): ParsedOverride | undefined {
  const steps: OverrideStep[] = [];
  for (let from = 0, end = ''; end !== '='; from = oneStep.lastIndex) {
    oneStep.lastIndex = from;
    const match = oneStep.exec(text);
    if (!match) return undefined;
    const [whole, double, single, bare] = match;
    const key = double?.replace(/\\(.)/gs, '$1') ?? single ?? bare!;
    steps.push({ key, from, to: from + whole.length - 1 });
    end = match[4]!;
  }
  return { steps, valueStart: oneStep.lastIndex };
}
