/** Small pictures and files for tests, made when they are needed. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import type { Picture } from "./picture.js";

/** A picture whose bytes differ from place to place. */
export function ramp(width: number, height: number, channels: 1 | 3 | 4, from = 0): Picture {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (from + 7 * i) % 256);
  return { width, height, channels, data };
}

/** A picture of one colour. */
export function plain(width: number, height: number, ...colour: readonly [number] | readonly [number, number, number]) {
  const data = Uint8Array.from({ length: width * height * colour.length }, (_, i) => colour[i % colour.length]!);
  return { width, height, channels: colour.length, data } as const;
}

export const raw = ({ width, height, channels, data }: Picture) => sharp(data, { raw: { width, height, channels } });

export const png = (picture: Picture): Promise<Buffer> => raw(picture).png().toBuffer();

/** Files under a new folder. */
export async function fill(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}
