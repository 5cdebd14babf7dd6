// Constants for the globals of inner loops. In the realm that Jest gives a test file, Node looks each global up anew wherever it
// is read, outside the compiler's reach: loops that read Math or an array's class take several times as long.
const names = ['Array', 'Float32Array', 'Float64Array', 'Map', 'Math', 'Number', 'Object', 'Set', 'Uint8Array'];

exports.constants = `const { ${names.join(', ')} } = globalThis; `;
