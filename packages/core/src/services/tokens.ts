/**
 * The names of the services that a plugin may replace. `Symbol.for`, so that two copies of this file mean the same.
 */
export const tokens = {
  device: Symbol.for('farout.device'),
  logger: Symbol.for('farout.logger'),
  progress: Symbol.for('farout.progress'),
  store: Symbol.for('farout.store'),
  clock: Symbol.for('farout.clock'),
} as const;
