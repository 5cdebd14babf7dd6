import type { NDArray } from '@farout/core';
import { withFile } from '../files.ts';
import { parseNpy } from '../npy.ts';
import { withSource } from '../refusal.ts';

/**
 * The array of a .npy file: see `parseNpy`. Memory is that of the file, the array looks at the bytes as they were read.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_ARRAY_INVALID when the file is damaged or holds something else.
 */
export async function readNpy(path: string): Promise<NDArray> {
  try {
    return await withFile(path, async (file) => parseNpy(await file.read(0, file.size, 'the array'), path));
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', path);
  }
}
