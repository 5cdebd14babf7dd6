// Packages other than the one that is tested come from their bundles (compile-sources.mjs): each test file loads anew what it
// imports, and a bundle is a file where the sources are hundreds. The package itself is its sources, for whoever imports it.
const path = require('node:path');

/** What is its sources as well: runtime starts runner's processes, and only its source knows how a source is started. */
const besides = { runner: ['runtime'] };

module.exports = (wanted, { defaultResolver, ...options }) => {
  const [, name] = /^@farout\/([\w-]+)/.exec(wanted) ?? [];
  const isOther = name !== undefined && !isSource(name, path.basename(options.rootDir));
  return defaultResolver(wanted, isOther ? { ...options, basedir: process.env.FAROUT_COMPILED } : options);
};

const isSource = (name, tested) => name === tested || besides[tested]?.includes(name);
