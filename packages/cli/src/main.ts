#!/usr/bin/env node
import { cli } from './command-line.ts';

// A reader that stops early is not an error: neither `farout list | head` nor `farout run … 2>&1 | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await cli(process.argv.slice(2));
