// Images that cost nothing, from a plugin. At image FAROUT_DIE_AT the process that reads them dies by SIGKILL; at FAROUT_STOP_AT it gets SIGTERM.
import { defineDataset, definePlugin, z } from '@farout/core';
import { encodePng } from '@farout/images';

const side = 64;
let read = 0;

/** A PNG file of its own colour, with a gradient in it. */
export function shade(seed: number): Uint8Array {
  const colour = [(seed * 37) % 256, (seed * 61) % 256, Math.floor(seed / 4) % 256];
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => (colour[at % 3]! + (at % 192)) % 256);
  return encodePng({ width: side, height: side, data });
}

const shades = defineDataset({
  name: 'shades',
  params: z.object({ first: z.int().min(0), count: z.int().min(1) }),
  open: ({ first, count }) =>
    Promise.resolve({
      images: Array.from({ length: count }, (_, at) => ({
        id: `shade ${first + at}`,
        version: `shades ${first + at}`,
        read: () => {
          read++;
          if (read === Number(process.env.FAROUT_DIE_AT)) process.kill(process.pid, 'SIGKILL');
          if (read === Number(process.env.FAROUT_STOP_AT)) process.kill(process.pid, 'SIGTERM');
          return Promise.resolve(shade(first + at));
        },
      })),
    }),
});

export default definePlugin({ name: 'shades', datasets: [shades] });
