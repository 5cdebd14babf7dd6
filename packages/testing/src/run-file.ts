import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSession, type Arrays } from '@farout/runtime';
import { writeOnnx, type NDArray, type Tensor } from '@farout/tensor';

/** What onnxruntime alone computes from a tensor's graph once it lies in a file. */
export async function runFile(tensor: Tensor, feeds: Arrays): Promise<NDArray> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-testing-'));
  try {
    const file = path.join(folder, 'part.onnx');
    await writeFile(file, writeOnnx({ result: tensor }));
    const session = await openSession(file, { threads: 1 });
    const { result } = await session.run(feeds).finally(() => session.release());
    return result!;
  } finally {
    await rm(folder, { recursive: true });
  }
}
