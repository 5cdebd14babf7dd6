import sharp from 'sharp';

const { versions } = sharp;

/** What decoded the images, for results.json: sharp, and the libraries that its binary carries. */
export const decoderVersions: Readonly<Record<string, string>> = {
  sharp: versions.sharp,
  libvips: versions.vips,
  mozjpeg: versions.mozjpeg ?? 'unknown',
  libpng: versions.png ?? 'unknown',
  libwebp: versions.webp ?? 'unknown',
  libtiff: versions.tiff ?? 'unknown',
};
