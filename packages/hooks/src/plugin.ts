import { definePlugin } from '@farout/core';
import { react } from './react.ts';

/** The built-in hooks. */
export const hooks = definePlugin({ name: '@farout/hooks', hooks: [react] });
