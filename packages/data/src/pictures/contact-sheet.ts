/** Many pictures as one: what is looked at when samples, neighbours or copies are to be judged by eye. */
import { ArgumentError } from "@atelier/engine/errors";
import { checkPicture, type Picture } from "./picture.js";

export interface ContactSheetOptions {
  /** Pictures in a row; default: as many as make the sheet about square. */
  readonly columns?: number;
  /** Pixels between pictures, and around them. Default 4. */
  readonly gap?: number;
  /** Red, green and blue, from 0 to 255: between pictures and under what is transparent. Default white. */
  readonly background?: readonly [red: number, green: number, blue: number];
  /** Draws every pixel as a square of so many. Default 1. */
  readonly scale?: number;
  /** One a picture, drawn under it and cut where it is too long. */
  readonly labels?: readonly string[];
}

const white = [255, 255, 255] as const;
const mostSide = 16_384;
/** Of the labels: pixels of a letter's height, of its width in a monospaced font (0.6 of that), and of the line. */
const fontSize = 10;
const letterWidth = 6;
const lineHeight = 14;

/**
 * The pictures in rows, each in a cell of the size of the largest, in its middle.
 *
 * @returns 3 channels.
 * @throws ArgumentError for no pictures, labels that are not one a picture, settings out of range, or a sheet of more than 16,384 pixels
 * a side.
 *
 * @example
 * const sheet = await contactSheet(samples, { columns: 8, scale: 4, labels: names });
 */
export async function contactSheet(pictures: readonly Picture[], options: ContactSheetOptions = {}): Promise<Picture> {
  const { columns = Math.ceil(Math.sqrt(pictures.length)), gap = 4, background = white, scale = 1, labels } = options;
  if (pictures.length === 0) {
    throw new ArgumentError("A contact sheet needs pictures, and there are none", { hint: "Give at least one." });
  }
  if (labels !== undefined && labels.length !== pictures.length) {
    throw new ArgumentError(`A contact sheet of ${pictures.length} pictures was given ${labels.length} labels`, {
      hint: "Give one a picture; an empty text leaves the place free.",
    });
  }
  for (const [name, number, least] of [
    ["columns", columns, 1],
    ["scale", scale, 1],
    ["gap", gap, 0],
  ] as const) {
    if (Number.isInteger(number) && number >= least) continue;
    throw new ArgumentError(`The ${name} of a contact sheet cannot be ${number}`, {
      hint: `Give a whole number from ${least} up.`,
    });
  }
  for (const [i, picture] of pictures.entries()) checkPicture(picture, `Picture ${i} of the contact sheet`);
  const cellWidth = scale * Math.max(...pictures.map(({ width }) => width));
  const cellHeight = scale * Math.max(...pictures.map(({ height }) => height));
  const stepX = cellWidth + gap;
  const stepY = cellHeight + gap + (labels === undefined ? 0 : lineHeight);
  const width = gap + stepX * Math.min(columns, pictures.length);
  const height = gap + stepY * Math.ceil(pictures.length / columns);
  if (Math.max(width, height) > mostSide) {
    throw new ArgumentError(`The contact sheet would be ${width}×${height} pixels`, {
      hint: `Give fewer pictures or a smaller scale: at most ${mostSide} pixels a side.`,
    });
  }
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = background[i % 3]!;
  const sheet: Picture = { width, height, channels: 3, data };
  const cells = pictures.map((_, i) => ({
    x: gap + (i % columns) * stepX,
    y: gap + Math.floor(i / columns) * stepY,
  }));
  for (const [i, picture] of pictures.entries()) {
    const left = cells[i]!.x + ((cellWidth - scale * picture.width) >> 1);
    const top = cells[i]!.y + ((cellHeight - scale * picture.height) >> 1);
    draw(sheet, picture, left, top, scale, background);
  }
  if (labels === undefined) return sheet;
  const baseline = cellHeight + fontSize;
  const letters = Math.max(1, Math.floor(cellWidth / letterWidth));
  const texts = labels.map((label, i) => {
    const { x, y } = cells[i]!;
    return `<text x="${x}" y="${y + baseline}">${escapeXml(cut(label, letters))}</text>`;
  });
  const [red, green, blue] = background;
  const ink = 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "white" : "black";
  const style = `font-family="monospace" font-size="${fontSize}" fill="${ink}"`;
  return withDrawing(sheet, `<g ${style}>${texts.join("")}</g>`);
}

/** Copies a picture into the sheet, over the background where it is transparent. */
function draw(
  sheet: Picture,
  { width, height, channels, data }: Picture,
  left: number,
  top: number,
  scale: number,
  background: readonly number[],
): void {
  for (let y = 0; y < height * scale; y++) {
    let to = ((top + y) * sheet.width + left) * 3;
    const row = Math.floor(y / scale) * width;
    for (let x = 0; x < width * scale; x++) {
      const from = (row + Math.floor(x / scale)) * channels;
      const opacity = channels === 4 ? data[from + 3]! / 255 : 1;
      for (let c = 0; c < 3; c++) {
        const value = data[from + (channels === 1 ? 0 : c)]!;
        sheet.data[to++] = Math.round(opacity * value + (1 - opacity) * background[c]!);
      }
    }
  }
}

/** The first letters of a text, and a sign that there are more. */
function cut(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`;
}

const escapeXml = (text: string): string =>
  text
    // XML has no place for control characters, not even escaped.
    .replace(/\p{Cc}/gu, " ")
    .replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;" })[sign] ?? "&gt;");

/** The picture with SVG elements drawn over it. */
async function withDrawing(picture: Picture, elements: string): Promise<Picture> {
  const { width, height, channels, data } = picture;
  const { default: sharp } = await import("sharp");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${elements}</svg>`;
  const drawn = await sharp(data, { raw: { width, height, channels } })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { ...picture, data: drawn };
}
