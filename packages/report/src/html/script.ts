import * as board from './client/board.ts';
import * as comparison from './client/comparison.ts';
import * as curves from './client/curves.ts';
import * as draw from './client/draw.ts';
import * as heat from './client/heat.ts';
import * as main from './client/main.ts';
import * as overview from './client/overview.ts';
import * as plots from './client/plots.ts';
import * as regions from './client/regions.ts';
import * as rows from './client/rows.ts';
import * as state from './client/state.ts';
import * as tests from './client/tests.ts';

/** The functions of the page, by module. They call each other by name, so names must be unique and every function exported. */
export const clientModules = {
  board,
  comparison,
  curves,
  draw,
  heat,
  main,
  overview,
  plots,
  regions,
  rows,
  state,
  tests,
};

const functions = Object.values(clientModules).flatMap((module) => Object.values(module).map(String));

/** The page's script: the source of all functions in `client`, and the call of `main`. */
export const pageScript = `(() => {\n'use strict';\n${functions.join('\n')}\nmain();\n})();`;
