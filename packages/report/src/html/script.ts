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

/** The functions of the page, by module. They call each other by name, so that each name is there once, and all are exported. */
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

/** What runs in the page, as it stands in `client`: its functions, and the call of the one that starts them. */
export const pageScript = `(() => {\n'use strict';\n${functions.join('\n')}\nmain();\n})();`;
