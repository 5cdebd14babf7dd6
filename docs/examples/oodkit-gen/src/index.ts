import { definePlugin } from '@oodkit/core';
import { gen } from './gen.ts';

export { gen };

/** What an experiment gets by `plugins: [oodkit-gen]`. */
export default definePlugin({ name: 'oodkit-gen', scorers: [gen] });
