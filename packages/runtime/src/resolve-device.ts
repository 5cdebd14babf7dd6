import type { Device, DeviceChoice } from '@farout/core';
import { devices, missingDevice, unknownDevice } from './device.ts';
import { deviceFailure } from './device-failure.ts';

/**
 * The device that is asked for, once it is known to work; for `auto` the first of `devices` that does.
 *
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE when the device that is named is unknown or cannot be used here. It is never
 *   replaced by another.
 */
export async function resolveDevice(asked: DeviceChoice): Promise<Device> {
  if (asked === 'auto') return firstThatWorks();
  if (!devices.includes(asked)) throw unknownDevice(asked);
  const failure = await deviceFailure(asked, 'show');
  if (failure !== undefined) throw missingDevice(asked, failure);
  return asked;
}

async function firstThatWorks(): Promise<Device> {
  for (const device of devices) if ((await deviceFailure(device, 'hush')) === undefined) return device;
  return 'cpu';
}
