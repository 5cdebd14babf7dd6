// Jest gives each test file a realm of its own, with its own Float32Array; onnxruntime checks a tensor's data against
// the outer realm's. Sharing the typed arrays makes both the same. `keptByWorker` is what the files that a worker of Jest tests
// pass on to each other: a process that is slow to start serves them all.
import { TestEnvironment } from 'jest-environment-node';

const shared = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ArrayBuffer,
];

const keptByWorker = new Map();

export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const constructor of shared) this.global[constructor.name] = constructor;
    this.global.keptByWorker = keptByWorker;
  }
}
