/** Tensors that do not fit together, a network out of a file that has no gradient, or an operator that has none. */
type TensorErrorCode = 'OOD_SHAPE' | 'OOD_ONNX_REFUSED' | 'OOD_DETECTOR_FAILED';

/** What cannot be written with tensors; raised where the expression is written, before anything is computed. */
export class TensorError extends Error {
  override readonly name = 'TensorError';
  readonly code: TensorErrorCode;
  /** What to do about it, where that is known. */
  readonly fix: string | undefined;

  constructor(
    message: string,
    { code = 'OOD_SHAPE', fix, ...options }: ErrorOptions & { code?: TensorErrorCode; fix?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.fix = fix;
  }
}
