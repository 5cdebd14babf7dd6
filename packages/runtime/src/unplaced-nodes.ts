import type { Device } from '@farout/core';
import { openApart } from './open-apart.ts';
import { tellingOptions } from './session-options.ts';

/** Nodes that onnxruntime cannot compute on a device, as `MaxPool (pool1)`: those it would leave to the CPU. */
export async function unplacedNodes(model: Uint8Array | string, device: Device): Promise<string[]> {
  const { stderr } = await openApart({ model, options: tellingOptions(device) }, 'keep');
  return nodesOnCpu(stderr);
}

const cpu = '[CPUExecutionProvider]';

/**
 * Reads the placement that onnxruntime logs: a heading for each execution provider, below it a line for each node; where
 * all nodes are in one place, the heading alone.
 */
export function nodesOnCpu(log: string): string[] {
  let below = '';
  const nodes: string[] = [];
  for (const [, line] of log.matchAll(/VerifyEachNodeIsAssignedToAnEp\] +(.*)/g)) {
    const everything = /^All nodes placed on (.*)\. Number of nodes: (\d+)/.exec(line!);
    if (everything?.[1] === cpu) nodes.push(`all ${everything[2]!}`);
    const heading = /^Node\(s\) placed on (\[\w+\])/.exec(line!)?.[1];
    if (heading) below = heading;
    else if (below === cpu) nodes.push(line!);
  }
  return nodes;
}
