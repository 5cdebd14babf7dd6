import { definePlugin } from '@oodkit/core';
import { react } from './react.ts';

/** The built-in hooks. */
export const hooks = definePlugin({ name: '@oodkit/hooks', hooks: [react] });
