import { definePlugin } from '@oodkit/core';
import { nearestNeighbours } from './nearest-neighbours.js';

export { nearestNeighbours };

/** What an experiment gets by `plugins: [oodkit-nearest-neighbours]`. */
export default definePlugin({ name: 'oodkit-nearest-neighbours', scorers: [nearestNeighbours] });
