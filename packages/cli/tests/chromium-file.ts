import { existsSync } from 'node:fs';

/** The Chromium that tests drive; undefined where there is none, and they are skipped. */
export const chromiumFile = [
  process.env.FAROUT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file !== undefined && existsSync(file));
