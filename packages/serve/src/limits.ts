/** What a request may ask for. Beside each stands what is answered beyond it. */
export const limits = {
  /** Bytes of an image: 413. */
  imageBytes: 16 * 2 ** 20,
  /** Bytes of a request: 413. */
  requestBytes: 64 * 2 ** 20,
  /** Bytes of a JSON document, in which a base64 image of 16 MiB has room: 413. */
  jsonBytes: 24 * 2 ** 20,
  /** Values of a JSON document, as its memory goes by them: 413. */
  jsonValues: 4 * 2 ** 20,
  /** Lists within lists: 400. */
  jsonDepth: 16,
  /** Images of a request: 413. */
  images: 64,
  /** Images that wait or are under way: 503. */
  queue: 128,
  /** Bytes of all bodies that are being received or wait: 503. */
  bodyBytes: 128 * 2 ** 20,
  /** Pixels of an image, unless another number is given: 422. */
  pixels: 50_000_000,
  /** An image of more pixels is decoded while no other such is. */
  largePixels: 8_000_000,
  /** Connections at once: closed. */
  connections: 4096,
} as const;

/** How long it is waited, in milliseconds. */
export const patience = {
  /** For the headers of a request: 408. */
  headers: 5_000,
  /** For all of a request: 408. */
  request: 15_000,
  /** How often connections are looked at. */
  check: 1_000,
  /** For the next request of a connection. */
  idle: 5_000,
  /** In the queue: 503. */
  queue: 60_000,
  /** For the next image of a worker, which is ended then. */
  image: 30_000,
  /** For a connection on which nothing happens. Longer than an image may take: in the queue, in a worker, and once more alone. */
  connection: 180_000,
  /** For what is under way when the service is told to stop. */
  drain: 150_000,
} as const;

/** Seconds after which a client that met a full queue may come again. */
export const retryAfter = 1;
