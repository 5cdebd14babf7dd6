/** Tensors that do not fit together; raised where the expression is written, before anything is computed. */
export class TensorError extends Error {
  override readonly name = 'TensorError';
  readonly code = 'OOD_SHAPE';
}
