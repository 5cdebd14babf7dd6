import { TensorError } from '@farout/tensor';

/** The error codes for a file: it is unsupported, or its weights are invalid numbers. */
type OnnxErrorCode = 'OOD_ONNX_REFUSED' | 'OOD_WEIGHTS_INVALID';

/** The error for a file that is not an ONNX model or is unsupported; the message gives the reason. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly code: OnnxErrorCode;

  constructor(
    message: string,
    { code = 'OOD_ONNX_REFUSED', ...options }: ErrorOptions & { code?: OnnxErrorCode } = {},
  ) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Converts an error that occurred while reading to an OnnxError. A node with an operand or setting that its operator lacks causes a JavaScript
 * error such as TypeError; other errors are returned unchanged.
 */
export function unreadable(what: string, cause: unknown): unknown {
  const known = [TensorError, TypeError, RangeError].some((kind) => cause instanceof kind);
  return known ? new OnnxError(`${what}: ${(cause as Error).message}`, { cause }) : cause;
}
