/**
 * A picture in the terminal that a command runs in: as a picture where the terminal is known to show them, in half blocks where it has
 * 24-bit colours, else not at all. Terminals are known by the variables that they set: asking them would mean to wait for an answer.
 *
 * https://sw.kovidgoyal.net/kitty/graphics-protocol, https://iterm2.com/documentation-images.html
 */
import type { Picture } from "@atelier/data";
import { preview as halfBlocks, PREVIEW_COLUMNS } from "../output/preview.js";
import type { Environment } from "./output.js";

export type PreviewKind = "kitty" | "iterm" | "blocks";

/** Small pictures are enlarged to this side at least, every pixel a square. */
const LEAST_SIDE = 256;
/** What is larger is much to send, and shown in half blocks. */
const LARGEST_SIDE = 2048;
/** Of a character, about, in pixels; it is twice as high. */
const CELL = 10;
/** Lines that a picture takes up at most. */
const LINES = 24;
/** Characters of a piece of kitty's protocol. */
const PIECE = 4096;

/** How a terminal of 24-bit colours or more shows pictures; undefined where it is not known to. */
export function previewKind(environment: Environment): PreviewKind | undefined {
  const { TERM = "", TERM_PROGRAM, COLORTERM, TMUX, STY } = environment;
  // Multiplexers keep what they do not understand from the terminal, unless told otherwise.
  const inside = TMUX !== undefined || STY !== undefined || /^(?:tmux|screen)/.test(TERM);
  const graphics = inside ? undefined : graphicsOf(environment, TERM, TERM_PROGRAM);
  return graphics ?? (COLORTERM === "truecolor" || COLORTERM === "24bit" ? "blocks" : undefined);
}

function graphicsOf(environment: Environment, term: string, program: string | undefined): PreviewKind | undefined {
  // A terminal that was started from another has that one's variables too, all but these.
  if (program === "iTerm.app" || program === "WezTerm") return "iterm";
  // On Windows the console between the two lets no pictures through.
  if (program === "vscode") return environment.OS === "Windows_NT" ? undefined : "iterm";
  if (program === "ghostty" || term === "xterm-ghostty" || term === "xterm-kitty") return "kitty";
  if (environment.KITTY_WINDOW_ID !== undefined) return "kitty";
  // Since 22.04; the variable is 220400 then.
  if (Number(environment.KONSOLE_VERSION) >= 220_400) return "kitty";
  return environment.LC_TERMINAL === "iTerm2" ? "iterm" : undefined;
}

/** What shows a picture when it is written to the terminal; it ends in a line end. @param columns of the terminal */
export async function pictureText(picture: Picture, kind: PreviewKind, columns: number): Promise<string> {
  const side = Math.max(picture.width, picture.height);
  if (kind === "blocks" || side > LARGEST_SIDE) return halfBlocks(picture, columns);
  // Only here: a command that shows nothing need not load what decodes pictures.
  const { contactSheet, encodePicture } = await import("@atelier/data");
  const large = await contactSheet([picture], { gap: 0, scale: Math.ceil(LEAST_SIDE / side) });
  const png = Buffer.from(await encodePicture(large, "png"));
  const width = widthOf(large, columns);
  return `${kind === "kitty" ? kittyText(png, width) : itermText(png, width)}\n`;
}

/** In characters. The terminal finds the height. */
function widthOf({ width, height }: Picture, columns: number): number {
  const wanted = Math.ceil(width / CELL);
  const fitting = Math.floor((2 * LINES * width) / height);
  return Math.max(1, Math.min(wanted, fitting, PREVIEW_COLUMNS, columns));
}

/** Transmit and show (a=T) a PNG (f=100), in so many columns, without answers (q=2), in pieces. */
function kittyText(png: Buffer, columns: number): string {
  const data = png.toString("base64");
  let text = "";
  for (let from = 0; from < data.length; from += PIECE) {
    const settings = from === 0 ? `a=T,f=100,q=2,c=${columns},` : "";
    const more = from + PIECE < data.length ? 1 : 0;
    text += `\u001b_G${settings}m=${more};${data.slice(from, from + PIECE)}\u001b\\`;
  }
  return text;
}

const itermText = (png: Buffer, columns: number): string =>
  `\u001b]1337;File=inline=1;size=${png.length};width=${columns};preserveAspectRatio=1:${png.toString("base64")}\u0007`;
