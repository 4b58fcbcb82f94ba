/** A picture in a terminal of 24-bit colours: each character is an upper half block, a pixel in the letter's colour and one in the ground's. */
import type { Picture } from "@atelier/data";

/** Characters a row has at most. */
export const PREVIEW_COLUMNS = 64;

const RESET = "\u001b[0m";

/**
 * Lines of text that show a picture, each ending in a line end. Where it is wider than the columns it is made smaller, every pixel the mean
 * of those that it stands for; what is transparent shows white.
 */
export function preview(picture: Picture, columns = PREVIEW_COLUMNS): string {
  const width = Math.min(picture.width, PREVIEW_COLUMNS, Math.max(1, Math.floor(columns)));
  const height = Math.max(1, Math.round((picture.height * width) / picture.width));
  const colour = meanColours(picture, width, height);
  let text = "";
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x++) {
      // Of an odd number of rows the last has the terminal's own ground under it.
      const ground = y + 1 < height ? `48;2;${colour(x, y + 1)}` : "49";
      text += `\u001b[38;2;${colour(x, y)};${ground}m▀`;
    }
    text += `${RESET}\n`;
  }
  return text;
}

/** `red;green;blue` of a pixel of the picture at another size: the mean over all pixels that it covers a part of. */
function meanColours(picture: Picture, width: number, height: number): (x: number, y: number) => string {
  const across = picture.width / width;
  const down = picture.height / height;
  return (x, y) => {
    const sums = [0, 0, 0];
    let count = 0;
    for (let row = Math.floor(y * down); row < Math.ceil((y + 1) * down); row++) {
      for (let column = Math.floor(x * across); column < Math.ceil((x + 1) * across); column++) {
        count++;
        for (let channel = 0; channel < 3; channel++) sums[channel]! += onWhite(picture, column, row, channel);
      }
    }
    return sums.map((sum) => Math.round(sum / count)).join(";");
  };
}

function onWhite({ width, channels, data }: Picture, x: number, y: number, channel: number): number {
  const at = (y * width + x) * channels;
  const value = data[at + (channels === 1 ? 0 : channel)]!;
  if (channels !== 4) return value;
  const opacity = data[at + 3]! / 255;
  return opacity * value + (1 - opacity) * 255;
}
