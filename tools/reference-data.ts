import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../shared/data', import.meta.url));
const folder = path.resolve(process.env.FAROUT_DATA ?? beside);

/** The folder of networks, photographs and reference numbers; undefined if it is absent. */
export const referenceData: string | undefined = existsSync(path.join(folder, 'golden')) ? folder : undefined;
