// `npm run wasm`: compiles the AssemblyScript of packages (`assembly/<name>.ts`) and writes it as base64 into
// `src/<name>-wasm.ts`, because compilers and bundlers would lose a .wasm file next to the sources. With `--check` it
// only reports whether the output is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
/** Options of a module in addition to the common ones. */
const modules = [
  { of: 'images', name: 'resample', options: [] },
  // Imports its memory: each computation has its own, which is freed with it.
  { of: 'linalg', name: 'products', options: ['--importMemory'] },
  { of: 'runner', name: 'counts', room: 'evaluate', options: ['--importMemory'] },
];

for (const { of, name, room = '', options } of modules) {
  const text = textOf(name, await compiled(path.join(packages, of, 'assembly'), name, options));
  const generated = path.join(packages, of, 'src', room, `${name}-wasm.ts`);
  if (!process.argv.includes('--check')) writeFileSync(generated, text);
  else if (readSource(generated) !== text) {
    process.exitCode = 1;
    console.error(`${path.relative(packages, generated)} is out of date with assembly/${name}.ts. Run: npm run wasm`);
  }
}

async function compiled(folder, name, options) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      ...[`${name}.ts`, '--outFile', `${name}.wasm`],
      ...['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd'],
      ...options,
    ],
    {
      readFile: (file) => readSource(path.join(folder, file)),
      writeFile: (_, contents) => void (binary = contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(stderr.toString(), { cause: error });
  return binary;
}

function textOf(name, binary) {
  return `/** The output of \`npm run wasm\` for assembly/${name}.ts: a WebAssembly module in base64. */
export const ${name}Wasm =
  '${Buffer.from(binary).toString('base64')}';
`;
}

/** The compiler asks for optional files. */
function readSource(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
