export { evaluate } from './evaluate.ts';
export { onnxruntimeVersion } from './onnxruntime-version.ts';
export { openSession, type Arrays, type Session, type SessionOptions } from './session.ts';
