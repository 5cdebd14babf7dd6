// `npm run wasm`: compiles packages/images/assembly/resample.ts and writes it as base64 into src/resample-wasm.ts, since a
// .wasm file beside the sources would be lost by the compiler and by bundlers. With `--check` it only tells whether that is done.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const images = fileURLToPath(new URL('../packages/images/', import.meta.url));
const generated = path.join(images, 'src', 'resample-wasm.ts');

let binary;
const { error, stderr } = await asc.main(
  ['resample.ts', '--outFile', 'resample.wasm', '-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd'],
  {
    readFile: (name) => readSource(path.join(images, 'assembly', name)),
    writeFile: (_, contents) => void (binary = contents),
    listFiles: () => [],
  },
);
if (error) throw new Error(stderr.toString(), { cause: error });

const text = `/** What \`npm run wasm\` makes of assembly/resample.ts: a WebAssembly module in base64. */
export const resampleWasm =
  '${Buffer.from(binary).toString('base64')}';
`;
if (!process.argv.includes('--check')) writeFileSync(generated, text);
else if (readSource(generated) !== text) {
  process.exitCode = 1;
  console.error('src/resample-wasm.ts is not what assembly/resample.ts compiles to: npm run wasm');
}

/** The compiler asks for files that it does without. */
function readSource(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
