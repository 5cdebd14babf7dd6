import { definePlugin } from '@farout/core';
import { gen } from './gen.ts';

export { gen };

/** What an experiment gets by `plugins: [farout-gen]`. */
export default definePlugin({ name: 'farout-gen', scorers: [gen] });
