import type { Device } from '@farout/core';
import { openApart } from './open-apart.ts';
import type { Opening } from './open-here.ts';
import { tellingOptions } from './session-options.ts';

/** Nodes that onnxruntime cannot compute on a device, as `MaxPool (pool1)`: those it would leave to the CPU. */
export async function unplacedNodes(model: Uint8Array | string, device: Device): Promise<string[]> {
  return nodesOnCpu(await logOfOpening({ model, options: tellingOptions(device) }));
}

/** What onnxruntime writes to stderr while it opens a session, whether it opens or not. */
export async function logOfOpening(opening: Opening): Promise<string> {
  let log = '';
  const opened = openApart(opening, (text) => (log += text));
  // The log is complete once the process has ended.
  await opened.then((session) => session.release()).catch(() => undefined);
  return log;
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
