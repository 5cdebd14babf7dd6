/** The few forms of types that templates use; a test holds what is left to what a compiler leaves. */
const types = [
  /: (?:Tensor|StateDict|string|number)(?:\[\])?(?=[,)])/g, // of parameters
  /, type \w+(?=[ ,])/g, // among imports
  /^import type .*/gm, // their lines stay, so that places in the two are the same
];

/** A template as JavaScript: without its types, importing .js files, and with Node's own test runner. */
export const toJavaScript = (text: string): string =>
  types
    .reduce((left, type) => left.replace(type, ''), text)
    .replace(/(from '\.[^']*)\.ts'/g, "$1.js'")
    .replace("from 'vitest'", "from 'node:test'");
