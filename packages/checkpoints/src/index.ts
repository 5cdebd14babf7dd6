export { arrayNames, openArray } from './arrays.ts';
export { parseNpy, readNpy, writeNpy, writeNpyParts } from './npy.ts';
export { readCheckpoint, type WhichWeights } from './torch/read-checkpoint.ts';
export { readPickledDictionary, type PickledPlace, type PickledValue } from './pickle/dictionary.ts';
export { readOnnxFile, type OnnxFile } from './onnx.ts';
