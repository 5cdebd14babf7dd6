/** Limits of requests, each with the status code when it is exceeded. */
export const limits = {
  /** Bytes of an image: 413. */
  imageBytes: 16 * 2 ** 20,
  /** Bytes of a request: 413. */
  requestBytes: 64 * 2 ** 20,
  /** Bytes of a JSON document, enough for a base64 image of 16 MiB: 413. */
  jsonBytes: 24 * 2 ** 20,
  /** Values of a JSON document, which determine its memory: 413. */
  jsonValues: 4 * 2 ** 20,
  /** Nesting of lists: 400. */
  jsonDepth: 16,
  /** Images of a request: 413. */
  images: 64,
  /** Images waiting or in progress: 503. */
  queue: 128,
  /** Bytes of all bodies being received or waiting: 503. */
  bodyBytes: 128 * 2 ** 20,
  /** Default limit for the pixels of an image: 422. */
  pixels: 50_000_000,
  /** Images with more pixels are decoded one at a time. */
  largePixels: 8_000_000,
  /** Connections at once: closed. */
  connections: 4096,
} as const;

/** Timeouts in ms. */
export const patience = {
  /** For the headers of a request: 408. */
  headers: 5_000,
  /** For all of a request: 408. */
  request: 15_000,
  /** Interval between checks of connections. */
  check: 1_000,
  /** For the next request of a connection. */
  idle: 5_000,
  /** In the queue: 503. */
  queue: 60_000,
  /** For the next image of a worker, which is then killed. */
  image: 30_000,
  /** For an idle connection. Longer than an image may take: in the queue, in a worker, and once more alone. */
  connection: 180_000,
  /** For requests in progress when the service is told to stop. */
  drain: 150_000,
} as const;

/** Seconds after which a client should retry when the queue is full. */
export const retryAfter = 1;
