import type { Pixels } from '../pixels.ts';

/**
 * A picture turned and mirrored as its orientation asks, 1 to 8 as EXIF has them: 2 mirrored, 3 half a turn, 4 upside
 * down, 5 transposed, 6 a quarter turn to the right, 7 transposed along the other diagonal, 8 a quarter turn to the left.
 */
export function orient(pixels: Pixels, orientation: number): Pixels {
  if (!(orientation >= 2 && orientation <= 8)) return pixels;
  const { width, height, data } = pixels;
  const transposed = orientation >= 5;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const turned = {
    width: transposed ? height : width,
    height: transposed ? width : height,
    data: new Uint8Array(data.length),
  };
  let to = 0;
  for (let row = 0; row < turned.height; row++) {
    for (let column = 0; column < turned.width; column++, to += 3) {
      const [x, y] = transposed ? [row, column] : [column, row];
      const from = ((fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x)) * 3;
      turned.data[to] = data[from]!;
      turned.data[to + 1] = data[from + 1]!;
      turned.data[to + 2] = data[from + 2]!;
    }
  }
  return turned;
}
