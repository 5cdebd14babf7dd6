import type { Tensor } from '@farout/tensor';
import { foldConstants } from './fold.ts';
import { numbersOf, type Known, type OnnxBranch, type OnnxNode } from './nodes.ts';
import { OnnxError } from './onnx-error.ts';

/** The nodes and constants of a branch, renamed to be unique in the graph. */
export interface Inlined {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** A control flow node. */
export type Branching = OnnxNode & Required<Pick<OnnxNode, 'branches'>>;

export const isBranching = (node: OnnxNode): node is Branching => node.branches !== undefined;

/**
 * Replaces an `If` with a known condition by the nodes of its branch, whose results get the names of the node's results. Undefined if the
 * condition is not known.
 *
 * @throws OnnxError for control flow of any other kind.
 */
export function inlined(node: Branching, condition: Known | undefined, version: number): Inlined | undefined {
  if (node.type !== 'If') throw undecided(node);
  const [holds] = numbersOf(condition) ?? [];
  if (holds === undefined) return undefined;
  const branch = node.branches[holds === 0 ? 'else_branch' : 'then_branch'];
  if (!branch) throw new OnnxError(`If "${node.name}" lacks the branch to use`);
  const constants = new Map(branch.constants);
  const nodes = foldConstants(branch.nodes, version, constants);
  const own = new Set([...constants.keys(), ...nodes.flatMap(({ outputs }) => outputs)]);
  const rename = (name: string) => (name !== '' && own.has(name) ? `${node.name}/${name}` : name);
  const results = node.outputs.map((output, i): OnnxNode => {
    const input = rename(branch.outputs[i] ?? '');
    return { name: output, type: 'Identity', domain: '', inputs: [input], outputs: [output], attributes: {} };
  });
  return {
    nodes: [...nodes.map((each) => renamed(each, rename)), ...results],
    constants: new Map([...constants].map(([name, tensor]) => [rename(name), tensor])),
  };
}

export const undecided = ({ type, name }: OnnxNode): OnnxError =>
  new OnnxError(
    type === 'If'
      ? `If "${name}" depends on the images, and control flow is not supported`
      : `${type} "${name}" is control flow, which is not supported`,
  );

type Rename = (name: string) => string;

const renamed = (node: OnnxNode, rename: Rename): OnnxNode => ({
  ...node,
  inputs: node.inputs.map(rename),
  outputs: node.outputs.map(rename),
  ...(node.branches && {
    branches: Object.fromEntries(
      Object.entries(node.branches).map(([name, branch]) => [name, renamedBranch(branch, rename)]),
    ),
  }),
});

/** A nested branch reads names from outside, unless it defines them itself. */
function renamedBranch(branch: OnnxBranch, rename: Rename): OnnxBranch {
  const own = new Set([...branch.constants.keys(), ...branch.nodes.flatMap(({ outputs }) => outputs)]);
  const outside = (name: string) => (own.has(name) ? name : rename(name));
  return {
    ...branch,
    nodes: branch.nodes.map((node) => renamed(node, outside)),
    outputs: branch.outputs.map(outside),
  };
}
