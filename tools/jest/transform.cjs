// swc, and before each module's first line the constants of globals.cjs.
const { createTransformer } = require('@swc/jest');
const { constants } = require('./globals.cjs');

exports.createTransformer = (options) => {
  const swc = createTransformer(options);
  return {
    ...swc,
    process: (...words) => before(swc.process(...words)),
    processAsync: async (...words) => before(await swc.processAsync(...words)),
    getCacheKey: (...words) => swc.getCacheKey(...words) + constants,
  };
};

const before = (made) => ({ ...made, code: constants + made.code });
