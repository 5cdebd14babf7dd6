#!/usr/bin/env node
import { cli } from './cli.ts';

// A reader that has seen enough (`oodkit list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await cli(process.argv.slice(2));
