/** What the process tells its caller. A run that a signal stopped ends by that signal: 130 or 143 in a shell. */
export const exitCodes = {
  done: 0,
  /** The run, or one of its detectors, failed. */
  failed: 1,
  /** The command line, the experiment or a file it names is wrong; nothing was run. */
  wrongRequest: 2,
  interrupted: 130,
} as const;
