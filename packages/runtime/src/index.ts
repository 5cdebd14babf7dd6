export { evaluate } from './evaluate.ts';
export { forkModule } from './fork-module.ts';
export { onnxruntimeVersion } from './onnxruntime-version.ts';
export { resolveDevice } from './resolve-device.ts';
export { openSession, type Arrays, type Session, type SessionOptions } from './session.ts';
