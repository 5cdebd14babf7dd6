/** A file that is no ONNX model, or one that is not read here; the message says what about it. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly code = 'OOD_ONNX_REFUSED';
}
