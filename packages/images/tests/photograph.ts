import sharp from 'sharp';
import { noise } from './noise.ts';

/** A small image of noise, to be written in any kind. */
export const photograph = () => {
  const { data, width, height } = noise(64, 48, 7);
  return sharp(data, { raw: { width, height, channels: 3 } });
};
