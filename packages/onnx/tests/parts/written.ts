import { fromBinary } from '@bufbuild/protobuf';
import type { Tensor } from '@farout/tensor';
import { writeOnnx, type ModelForm } from '../../src/index.ts';
import { ModelProtoSchema } from '../../src/onnx_pb.ts';

/** The graph that is written for these outputs, read back. */
export const written = (outputs: Readonly<Record<string, Tensor>>, form?: ModelForm) =>
  fromBinary(ModelProtoSchema, writeOnnx(outputs, form)).graph!;

/** The operators of a graph, in the order in which they stand; the outputs' Identity left out. */
export const operators = (outputs: Readonly<Record<string, Tensor>>): string[] =>
  written(outputs)
    .node.map(({ opType }) => opType)
    .filter((type) => type !== 'Identity');
