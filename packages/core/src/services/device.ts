/** What networks can run on, in the order in which `auto` tries them. */
export const devices = ['cuda', 'webgpu', 'cpu'] as const;

/** What networks run on. */
export type Device = (typeof devices)[number];

/** What an experiment may ask for: one device, or the first that works. */
export type DeviceChoice = Device | 'auto';
