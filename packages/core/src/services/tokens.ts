/**
 * The names of the services that a plugin may replace. `Symbol.for`, so that two copies of this file mean the same.
 */
export const tokens = {
  device: Symbol.for('oodkit.device'),
  logger: Symbol.for('oodkit.logger'),
  progress: Symbol.for('oodkit.progress'),
  store: Symbol.for('oodkit.store'),
  clock: Symbol.for('oodkit.clock'),
} as const;
