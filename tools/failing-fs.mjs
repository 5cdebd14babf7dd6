// Loaded before everything else, by `node --import`: makes the n-th call of an operation on files below some folders fail. Forked
// processes load it too, through NODE_OPTIONS.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * What should fail: `{ roots, op, n, code, from, log }`. With `from`, all calls from the n-th on fail; `log` is a file that records each call. While
 * undefined, nothing fails. Each process counts separately.
 */
const ofChildren = 'FAROUT_TEST_FAULT';
const state = { fault: process.env[ofChildren] && JSON.parse(process.env[ofChildren]), counts: {} };

globalThis[Symbol.for('farout.failing-fs')] = {
  arm(fault) {
    state.fault = fault;
    state.counts = {};
  },
  /** Affects processes forked from now on, not this one. */
  armChildren(fault) {
    process.env[ofChildren] = JSON.stringify(fault);
  },
  disarm() {
    state.fault = undefined;
    delete process.env[ofChildren];
    return state.counts;
  },
};

const { appendFileSync } = fs;
const isBelow = (path) => typeof path === 'string' && state.fault?.roots.some((root) => path.startsWith(root));

/** Counts a call; returns the error if it should fail. */
function count(op, path) {
  if (!isBelow(path)) return undefined;
  const calls = (state.counts[op] = (state.counts[op] ?? 0) + 1);
  const { op: failing, n, code, from, log } = state.fault;
  if (log) appendFileSync(log, `${op}\n`);
  if (op !== failing || (from ? calls < n : calls !== n)) return undefined;
  return Object.assign(new Error(`${code}: made to fail, ${op} '${path}'`), { code, syscall: op, path });
}

const onPaths = {
  open: 'open',
  readFile: 'read',
  writeFile: 'write',
  rename: 'rename',
  unlink: 'unlink',
  rm: 'unlink',
  rmdir: 'rmdir',
  mkdir: 'mkdir',
  copyFile: 'copyFile',
  link: 'link',
  readdir: 'readdir',
  lstat: 'lstat',
  stat: 'stat',
  realpath: 'realpath',
};
const paths = new WeakMap();
const real = { ...fs.promises };

for (const [name, op] of Object.entries(onPaths)) {
  fs.promises[name] = async (path, ...rest) => {
    const error = count(op, path);
    if (error) throw error;
    const result = await real[name](path, ...rest);
    if (name === 'open') paths.set(result, path);
    return result;
  };
}

const handle = await real.open(fileURLToPath(import.meta.url));
const onHandles = { read: 'read', readFile: 'read', write: 'write', writeFile: 'write', sync: 'fsync', stat: 'stat' };
for (const [name, op] of Object.entries(onHandles)) {
  const method = Object.getPrototypeOf(handle)[name];
  Object.getPrototypeOf(handle)[name] = async function (...rest) {
    const error = count(op, paths.get(this));
    if (error) throw error;
    return method.apply(this, rest);
  };
}
await handle.close();

/** Streams. */
const opened = new Map();
const open = fs.open;
fs.open = (path, ...rest) => {
  const done = rest.pop();
  const error = count('open', path);
  if (error) process.nextTick(done, error);
  else
    open(path, ...rest, (failed, fd) => {
      if (!failed) opened.set(fd, path);
      done(failed, fd);
    });
};
for (const [name, op] of Object.entries({ read: 'read', write: 'write', writev: 'write', fsync: 'fsync' })) {
  const method = fs[name];
  fs[name] = (fd, ...rest) => {
    const error = count(op, opened.get(fd));
    if (error) process.nextTick(rest.pop(), error);
    else method(fd, ...rest);
  };
}

syncBuiltinESMExports();
