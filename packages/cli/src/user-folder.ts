import path from 'node:path';

/**
 * The folder that the user stands in, to which paths on the command line are relative. npm runs scripts in the folder of
 * package.json and says in INIT_CWD where it was called.
 */
export const userFolder = (): string => path.resolve(process.env.INIT_CWD ?? process.cwd());
