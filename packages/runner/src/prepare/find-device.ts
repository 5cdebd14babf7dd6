import type { Device } from '@farout/core';
import { resolveDevice } from '@farout/runtime';
import type { Experiment } from '../experiment.ts';
import { atPlace } from '../plugins/failure.ts';

/**
 * The device that the experiment asks for, once it is known to work.
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE at its place.
 */
export const findDevice = ({ device, devicePlace }: Pick<Experiment, 'device' | 'devicePlace'>): Promise<Device> =>
  atPlace(devicePlace, () => resolveDevice(device));
