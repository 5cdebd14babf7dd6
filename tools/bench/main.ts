import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { referenceData } from '../reference-data.ts';
import { peakMemory } from './memory.ts';
import { models } from '../fidelity/models.ts';
import { hasPyTorch, odinSpeed } from './odin.ts';
import { linalgSpeeds } from './linalg.ts';
import { networkNames } from './open-model.ts';
import { resizeSpeeds } from './resize.ts';
import { throughput } from './throughput.ts';

const style = { head: [], border: [] };

async function speeds(data: string): Promise<string> {
  const head = [
    'JPEG → features, images/s',
    'decoding alone',
    'onnxruntime alone',
    'limit',
    'measured',
    'measured ÷ limit',
  ];
  const table = new Table({ head, style });
  for (const name of networkNames) {
    const { decode, inference, limit, pipeline, ratio } = await throughput(data, name);
    table.push([name, ...[decode, inference, limit, pipeline].map((value) => value.toFixed(1)), ratio.toFixed(3)]);
  }
  return table.toString();
}

async function memory(data: string): Promise<string> {
  const table = new Table({ head: ['peak memory, MiB', '480 images', '4,800 images', 'ratio'], style });
  for (const name of networkNames) {
    const few = await peakMemory(data, name, 480);
    const many = await peakMemory(data, name, 4800);
    table.push([name, few.toFixed(0), many.toFixed(0), (many / few).toFixed(3)]);
  }
  return table.toString();
}

async function odin(data: string): Promise<string> {
  if (!hasPyTorch())
    return 'ODIN: not compared, as python3 has no torch and torchvision (FAROUT_PYTHON names another).';
  const table = new Table({ head: ['ODIN, images/s, 2 threads', 'farout', 'PyTorch eager', 'ratio'], style });
  for (const model of models) {
    const { ours, pytorch, ratio } = await odinSpeed(data, model);
    table.push([model.name, ours.toFixed(1), pytorch.toFixed(1), ratio.toFixed(2)]);
  }
  return table.toString();
}

function resizing(): string {
  const table = new Table({ head: ['resize and crop to 224, ms', 'WebAssembly', 'typed arrays', 'ratio'], style });
  for (const { size, wasm, typedArrays } of resizeSpeeds()) {
    table.push([size, wasm.toFixed(2), typedArrays.toFixed(2), (typedArrays / wasm).toFixed(2)]);
  }
  return table.toString();
}

function linearAlgebra(): string {
  const calls = [
    'all eigenvectors',
    'reduction',
    'divide and conquer',
    'reflections',
    'leading n/64',
    'Cholesky, inverse',
  ];
  const table = new Table({ head: ['float64, n × n, s of CPU', ...calls, 'moments of n rows'], style });
  for (const { size, symmetricEigen, leading, choleskyInverse, moments, ...of } of linalgSpeeds([512, 1280, 2048])) {
    const stages = [of.reduction, of.divideAndConquer, of.reflections];
    const row = [symmetricEigen, ...stages, leading, choleskyInverse, moments];
    table.push([size, ...row.map((value) => value.toFixed(2))]);
  }
  return table.toString();
}

console.log(resizing());
console.log(linearAlgebra());
if (referenceData) {
  console.log(`${availableParallelism()} cores; the median of interleaved rounds\n`);
  console.log(await speeds(referenceData));
  console.log(await odin(referenceData));
  console.log(await memory(referenceData));
} else {
  console.log('Skipped: the photographs are absent. FAROUT_DATA names their folder (models/, images/, golden/).');
}
