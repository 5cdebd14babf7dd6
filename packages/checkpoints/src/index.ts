export { parseNpy } from './npy.ts';
export { readNpy } from './npy.ts';
export { writeNpy } from './npy.ts';
export { readCheckpoint, type WhichWeights } from './torch/read-checkpoint.ts';
export { readOnnxFile, type OnnxFile } from './onnx.ts';
