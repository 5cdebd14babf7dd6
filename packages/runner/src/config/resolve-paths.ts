import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathMark, type ParametersSchema, type PathMark, type PublishedWeights, type z } from '@farout/core';
import { adviceOnPath, shortened } from '../path-advice.ts';
import type { ScalarNode } from './node.ts';
import type { Mistakes } from './faults.ts';
import type { WrittenPart } from './read-part.ts';

/** The parameters of a part that are paths, made absolute. */
export function resolvePaths(schema: ParametersSchema, part: WrittenPart): Record<string, string> {
  return Object.fromEntries(pathParameters(schema, part).map(({ parameter, absolute }) => [parameter, absolute]));
}

/** Notes every path of a part that leads to no file or folder. `published`: where the usual weights are to be had. */
export async function checkPaths(
  schema: ParametersSchema,
  part: WrittenPart,
  { mistakes, published }: { readonly mistakes: Mistakes; readonly published: PublishedWeights | undefined },
): Promise<void> {
  for (const { parameter, absolute, kind, node } of pathParameters(schema, part)) {
    const fault = await faultOf(absolute, kind);
    if (fault === undefined) continue;
    const relative = path.isAbsolute(String(node.value)) ? '' : `, a path relative to ${node.folder}`;
    const advice = await adviceOnPath(String(node.value), node.folder);
    const correct = [advice, `Correct "${parameter}"${relative}.`].filter(Boolean).join(' ');
    if (parameter === 'weights' && published) {
      const { file, sha256, address } = published;
      const fix = `Load ${file} (its SHA-256 begins with ${sha256}) from ${address}. Or: ${correct}`;
      mistakes.add('OOD_MISSING_WEIGHTS', node.place, `the weights of ${part.name} are missing: ${fault}`, { fix });
    } else {
      mistakes.add('OOD_MISSING_FILE', node.place, fault, { fix: correct });
    }
  }
}

interface PathParameter {
  readonly parameter: string;
  readonly node: ScalarNode;
  readonly kind: PathMark['path'];
  readonly absolute: string;
}

/** Parameters that a schema marks as paths and that are written down as text. */
function pathParameters(schema: ParametersSchema, { params }: WrittenPart): PathParameter[] {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([parameter, type]) => {
    const kind = pathMark(type);
    const node = params?.entries.get(parameter)?.value;
    if (!kind || node?.kind !== 'scalar' || typeof node.value !== 'string' || node.incomplete) return [];
    return [{ parameter, node, kind, absolute: path.resolve(node.folder, node.value) }];
  });
}

async function faultOf(absolute: string, kind: PathMark['path']): Promise<string | undefined> {
  try {
    const stats = await stat(absolute);
    if (kind === 'file' ? stats.isFile() : stats.isDirectory()) return undefined;
    return `${shortened(absolute)} is no ${kind}`;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? `there is no ${kind} ${shortened(absolute)}`
      : `${shortened(absolute)} cannot be read (${code})`;
  }
}
