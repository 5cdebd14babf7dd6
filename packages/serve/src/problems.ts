/**
 * Every refusal of the service by its code: the status, and what it means. `docs/errors.md` explains each; a test fails when the two part.
 */
export const problems = {
  OOD_SERVE_REQUEST: {
    status: 400,
    meaning: 'The request is malformed, or its tensors do not match their description.',
  },
  OOD_SERVE_ORIGIN: { status: 403, meaning: 'The request comes from a page of another origin.' },
  OOD_SERVE_NOT_FOUND: { status: 404, meaning: 'Nothing is served at this path.' },
  OOD_SERVE_METHOD: { status: 405, meaning: 'The path does not allow this method.' },
  OOD_SERVE_TIMEOUT: { status: 408, meaning: 'The request did not arrive in time.' },
  OOD_SERVE_LENGTH: { status: 411, meaning: 'The request has no Content-Length.' },
  OOD_SERVE_TOO_LARGE: { status: 413, meaning: 'The request exceeds a limit on bytes, images or values.' },
  OOD_SERVE_TYPE: { status: 415, meaning: 'The media type of the body is not supported here.' },
  OOD_SERVE_ENCODING: { status: 415, meaning: 'The body is compressed or otherwise encoded.' },
  OOD_SERVE_HOST: { status: 421, meaning: 'The request is addressed to a host that is not allowed.' },
  OOD_IMAGE_UNREADABLE: { status: 422, meaning: 'The image is damaged, too large, or of an unsupported kind.' },
  OOD_SERVE_IMAGE_FATAL: { status: 422, meaning: 'The image crashed or blocked two worker processes.' },
  OOD_SERVE_HEADERS: { status: 431, meaning: 'The headers of the request are too long.' },
  OOD_SERVE_FAULT: { status: 500, meaning: 'The service itself failed.' },
  OOD_SERVE_BUSY: { status: 503, meaning: 'The service is already processing as many images as it can.' },
  OOD_SERVE_NOT_READY: { status: 503, meaning: 'No worker process is ready.' },
} as const;

/** See `problems`. */
export type ProblemCode = keyof typeof problems;

/** A refusal as the client gets it: RFC 9457, with the code, and KServe's member for errors. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** The same as `detail`, where KServe's clients look for it. */
  readonly error: string;
}

/** A request that is refused. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? {} : { cause });
    this.code = code;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** The media type of a refusal. */
export const problemType = 'application/problem+json';

/** What the client gets of a refusal. */
export function documentOf({ code, status, message }: Problem): ProblemDocument {
  const type = `urn:farout:problem:${code}`;
  return { type, title: problems[code].meaning, status, detail: message, code, error: message };
}
