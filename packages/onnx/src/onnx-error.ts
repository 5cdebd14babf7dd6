import { TensorError } from '@farout/tensor';

/** What can be wrong with a file: it is not read here, or its weights are not numbers to compute with. */
type OnnxErrorCode = 'OOD_ONNX_REFUSED' | 'OOD_WEIGHTS_INVALID';

/** A file that is no ONNX model, or one that is not read here; the message says what about it. */
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
 * What went wrong while something was read, as an OnnxError. A node with an operand or a setting that its operator does not
 * have shows as an error of the language; any other error stays as it is.
 */
export function unreadable(what: string, cause: unknown): unknown {
  const known = [TensorError, TypeError, RangeError].some((kind) => cause instanceof kind);
  return known ? new OnnxError(`${what}: ${(cause as Error).message}`, { cause }) : cause;
}
