// The same, but each task is stopped by SIGTERM once eight images are done.
import { definePlugin, tokens } from '@farout/core';
import { executorWith } from './elsewhere.ts';

export default definePlugin({
  name: 'stopped-elsewhere',
  services: { [tokens.executor]: () => executorWith({ FAROUT_STOP_AFTER: '8' }) },
});
