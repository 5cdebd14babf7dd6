/** Waits as short as the tests' server needs. */
export const quick = {
  patience: { silence: 400, slowest: 1000, over: 600 },
  retries: { attempts: 4, inAll: 500, firstWait: 1, longestWait: 4, longestRetryAfter: 2000 },
} as const;
