import { z } from '@farout/core';

/** How many images to take from the start of the order; those that turn out unreadable count. */
export const limit = () => z.int().min(1).optional().describe('at most so many images, from the start of the order');
