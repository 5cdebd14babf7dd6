/**
 * Stands for everything here that decides a pixel; part of the store's keys. Must change whenever the same file would
 * give other pixels than before, or any where it was unreadable, so that no feature made from the old ones is taken for a new one.
 */
export const recipeVersion = 'pillow-9.4-bilinear-4';
