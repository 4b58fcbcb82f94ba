/** How pictures that belong together become one file: an animation, a strip, a sheet of pairs, a map without gaps. */
import { contactSheet, type Picture } from "@atelier/data";
import type { AnimationOutput, PictureOutput } from "../../output/media/output.js";

/** What is looked at is drawn at least so large, in pixels. */
const LEAST_SIDE = 64;
/** Of animations, which nothing stands beside. */
const LEAST_ANIMATED = 192;
/** Milliseconds that a frame is shown. */
const DELAY = 80;

/** By how much small pictures are enlarged, every pixel a square. */
const scaleTo = (side: number, { width, height }: Picture): number =>
  Math.max(1, Math.ceil(side / Math.max(width, height)));

/** Frames there and back again, so that the end meets the beginning. */
export async function animationOf(frames: readonly Picture[]): Promise<AnimationOutput> {
  const scale = scaleTo(LEAST_ANIMATED, frames[0]!);
  const large = await Promise.all(frames.map((frame) => contactSheet([frame], { gap: 0, scale })));
  return { media: "animation", frames: [...large, ...large.slice(1, -1).reverse()], delay: DELAY };
}

/** Frames beside each other, in one row, or in as many rows as make the sheet no wider than sixteen of them. */
export async function stripOf(frames: readonly Picture[]): Promise<PictureOutput> {
  const shown = { columns: Math.min(frames.length, 16), scale: scaleTo(LEAST_SIDE, frames[0]!) };
  return { media: "picture", picture: await contactSheet(frames, shown), shown };
}

/** Frames as the name of a file asks for them: an animation as GIF or WebP, else a strip. */
export const framesFor = (
  frames: readonly Picture[],
  path: string | undefined,
): Promise<AnimationOutput | PictureOutput> =>
  /\.(?:gif|webp)$/i.test(path ?? "") ? animationOf(frames) : stripOf(frames);

/** A map: pictures edge to edge. */
export async function mapOf(pictures: readonly Picture[], columns: number): Promise<PictureOutput> {
  return { media: "picture", picture: await contactSheet(pictures, { columns, gap: 0 }) };
}

export interface Pair {
  readonly left: Picture;
  readonly right: Picture;
  /** Drawn under the two. */
  readonly label: string;
}

/** Pairs in rows, the two of each side by side without a gap. */
export async function pairsOf(pairs: readonly Pair[]): Promise<PictureOutput> {
  const scale = scaleTo(LEAST_SIDE, pairs[0]!.left);
  const sheets = await Promise.all(
    pairs.map(({ left, right }) => contactSheet([left, right], { columns: 2, gap: 0, scale })),
  );
  const columns = Math.ceil(Math.sqrt(pairs.length / 2));
  const picture = await contactSheet(sheets, { columns, gap: 6, labels: pairs.map(({ label }) => label) });
  return { media: "picture", picture };
}
