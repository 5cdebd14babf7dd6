import { didYouMean, type ParametersSchema, type SourcePlace, type z } from '@farout/core';
import { describeIssue, describeSchema, isWordless, mostPrecise, quotesFor } from './describe.ts';
import type { Faults } from './faults.ts';
import { isIncomplete, keyPlaceAt, nodeAt, toPlain, type ConfigNode, type WrittenPart } from './node.ts';

type Issue = z.core.$ZodIssue;
type Params = Readonly<Record<string, unknown>>;

/**
 * The parameters of a part with their defaults, checked strictly by the part's own schema: unknown parameters are
 * errors. Undefined if anything is wrong; every fault is recorded at its place.
 */
export async function checkParameters(
  schema: ParametersSchema,
  part: WrittenPart,
  faults: Faults,
): Promise<Params | undefined> {
  const report = new ParameterReport(schema, part, faults);
  try {
    const { data, error } = await schema.strict().safeParseAsync(part.params ? toPlain(part.params) : {});
    for (const issue of error?.issues ?? []) await report.note(mostPrecise(issue));
    return data;
  } catch (cause) {
    faults.add('OOD_PLUGIN_FAILED', part.place, `${part.name} failed to check its parameters: ${String(cause)}`, {
      fix: 'Correct the schema of its parameters, or change them.',
      cause,
    });
    return undefined;
  }
}

/** Records the faults that a schema finds in the parameters of one part. */
class ParameterReport {
  readonly #schema: ParametersSchema;
  readonly #part: WrittenPart;
  readonly #faults: Faults;

  constructor(schema: ParametersSchema, part: WrittenPart, faults: Faults) {
    this.#schema = schema;
    this.#part = part;
    this.#faults = faults;
  }

  async note(issue: Issue): Promise<void> {
    const node = this.#nodeAt(issue.path);
    if (issue.code === 'unrecognized_keys') issue.keys.forEach((key) => this.#noteUnknown([...issue.path, key]));
    else if (!node && issue.path.length > 0) this.#noteMissing(issue.path);
    else if (!node || !isIncomplete(node)) this.#noteWrong(issue, node, await this.#isOfOne(issue));
  }

  #noteUnknown(path: readonly PropertyKey[]): void {
    const name = String(path.at(-1));
    const names = path.length === 1 ? Object.keys(this.#schema.shape) : [];
    this.#add(
      keyPlaceAt(this.#part.params!, path),
      `${this.#part.name} has no parameter "${path.map(String).join('.')}"`,
      {
        fix: didYouMean(name, names) ?? 'Remove it.',
        names,
      },
    );
  }

  #noteMissing(path: readonly PropertyKey[]): void {
    const above = path.length > 1 ? this.#nodeAt(path.slice(0, -1))?.place : undefined;
    const message = `${this.#part.name} needs "${path.map(String).join('.')}"`;
    this.#add(above ?? this.#part.place, message, { fix: this.#fixFor(path) });
  }

  /**
   * Whether an issue is about one parameter, and not about how several go together: a condition that a schema names in its own words may be
   * either, whatever its path.
   */
  async #isOfOne(issue: Issue): Promise<boolean> {
    const [parameter] = issue.path;
    if (parameter === undefined) return false;
    if (issue.code !== 'custom' || isWordless(issue)) return true;
    const node = this.#nodeAt([parameter]);
    const alone = this.#schemaOf(parameter);
    return alone !== undefined && !(await alone.safeParseAsync(node && toPlain(node))).success;
  }

  #noteWrong(issue: Issue, node: ConfigNode | undefined, isOfOne: boolean): void {
    const { name, place } = this.#part;
    const described = describeIssue(issue, node && toPlain(node), node?.kind === 'scalar' ? node.written : undefined);
    const fix = isOfOne ? this.#fixFor(issue.path) : 'Change the parameters, or remove one.';
    const message = described.startsWith('must')
      ? `"${issue.path.map(String).join('.')}" of ${name} ${described}`
      : `${name}: ${described}`;
    const refused = `${name} does not accept this combination of parameters`;
    this.#add(node?.place ?? place, issue.path.length === 0 && isWordless(issue) ? refused : message, {
      fix: quotesFor(issue, node) ?? fix,
    });
  }

  /** What the parameter accepts, according to its schema. */
  #fixFor([parameter]: readonly PropertyKey[]): string {
    const schema = parameter === undefined ? undefined : this.#schemaOf(parameter);
    const takes = schema && describeSchema(schema);
    const meaning = schema?.description;
    return `Give "${String(parameter)}" ${takes ?? 'another value'}${meaning ? `: ${meaning}` : ''}.`;
  }

  #schemaOf(parameter: PropertyKey): z.ZodType | undefined {
    return (this.#schema.shape as Partial<Record<PropertyKey, z.ZodType>>)[parameter];
  }

  #nodeAt(path: readonly PropertyKey[]): ConfigNode | undefined {
    return this.#part.params && nodeAt(this.#part.params, path);
  }

  #add(place: SourcePlace, message: string, { fix, names = [] }: { fix: string; names?: readonly string[] }): void {
    const choices = names.length > 0 ? { choices: { title: `Parameters of ${this.#part.name}`, names } } : {};
    this.#faults.add('OOD_BAD_PARAMETER', place, message, { fix, ...choices });
  }
}
