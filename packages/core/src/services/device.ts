/** What networks run on. */
export type Device = 'cuda' | 'webgpu' | 'cpu';

/** What an experiment may ask for: one device, or the first that works. */
export type DeviceChoice = Device | 'auto';
