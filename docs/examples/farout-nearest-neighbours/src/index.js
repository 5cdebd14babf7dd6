import { definePlugin } from '@farout/core';
import { nearestNeighbours } from './nearest-neighbours.js';

export { nearestNeighbours };

/** What an experiment gets by `plugins: [farout-nearest-neighbours]`. */
export default definePlugin({ name: 'farout-nearest-neighbours', scorers: [nearestNeighbours] });
