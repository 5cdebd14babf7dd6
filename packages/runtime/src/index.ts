export { resolveDevice } from './device.ts';
export { forkModule } from './open-apart.ts';
export {
  evaluate,
  onnxruntimeVersion,
  openSession,
  type Arrays,
  type Session,
  type SessionOptions,
} from './session.ts';
