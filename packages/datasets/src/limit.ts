import { z } from '@farout/core';

/** How many images to take from the start; unreadable images count. */
export const limit = () => z.int().min(1).optional().describe('use at most this many images, from the start');
