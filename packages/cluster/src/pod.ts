import { FaroutError, z } from '@farout/core';
import { parse } from 'yaml';

/** The parts of a pod that farout sets; the user sets everything else. */
export interface OwnPod {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** The volume with the experiment, and where it is mounted. */
  readonly volume: Readonly<Record<string, unknown>>;
  readonly mount: Readonly<Record<string, unknown>>;
}

const listOf = z.array(z.looseObject({ name: z.string().optional() })).default([]);

/** The parts of a Kubernetes PodSpec that are used here; Kubernetes validates the rest. */
const podSchema = z.looseObject({
  containers: z
    .array(z.looseObject({ volumeMounts: listOf }))
    .max(1)
    .default([]),
  volumes: listOf,
});

/** How many seconds a pod has to save the current batch before it is killed. */
const grace = 60;

/**
 * The PodSpec of a task: the user's settings, overridden by what farout needs. The user's single container, if any, becomes that of the task.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the user's text is not a PodSpec, or has more than one container.
 */
export function mergedPod(
  given: { readonly text: string; readonly file: string } | undefined,
  { image, command, args, volume, mount }: OwnPod,
): Readonly<Record<string, unknown>> {
  const { containers, volumes, ...pod } = given ? read(given) : podSchema.parse({});
  const { volumeMounts = [], ...container } = containers[0] ?? {};
  return {
    terminationGracePeriodSeconds: grace,
    ...pod,
    restartPolicy: 'Never',
    containers: [{ ...container, name: 'farout', image, command, args, volumeMounts: [...volumeMounts, mount] }],
    volumes: [...volumes, volume],
  };
}

function read({ text, file }: { readonly text: string; readonly file: string }): z.infer<typeof podSchema> {
  try {
    return podSchema.parse(parse(text));
  } catch (cause) {
    throw new FaroutError('OOD_BAD_COMMAND', `${file} is not a pod spec with at most one container`, {
      fix: 'Write what belongs under "spec:" of a pod: volumes, nodeSelector, containers with env, resources, volumeMounts.',
      cause,
    });
  }
}
