/**
 * Many decoded pictures of one size, in memory or in a file of raw bytes, with what is known of each: name, class, caption, split. It is
 * what curation thins out, splits divide and batches are drawn from.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { isChannels, type Picture, type PictureChannels } from "./picture.js";

/** Where the bytes of equally large pictures lie. */
export interface PixelSource {
  /** How many pictures. */
  readonly length: number;
  /** Copies the picture at `index` into `out` from `at` on. */
  copy(index: number, out: Uint8Array, at: number): void;
}

/** Pixels in memory, picture after picture. @param bytes of one picture. */
export const pixelsInMemory = (pixels: Uint8Array, bytes: number): PixelSource => ({
  length: pixels.length / bytes,
  copy: (index, out, at) => out.set(pixels.subarray(index * bytes, (index + 1) * bytes), at),
});

/** The part of a source's own division that a picture belongs to. */
export type PictureSplit = "train" | "test";

export interface PictureSetOptions {
  readonly width: number;
  readonly height: number;
  readonly channels: PictureChannels;
  /** (N, H, W, C) in memory, or a source that holds as much. */
  readonly pixels: Uint8Array | PixelSource;
  /** One a picture. Default: "picture 1" and so on. */
  readonly names?: readonly string[];
  /** The class of each, undefined where it has none. */
  readonly labels?: readonly (string | undefined)[];
  /** All classes, in their order. Default: those that occur, sorted. */
  readonly classes?: readonly string[];
  readonly captions?: readonly (string | undefined)[];
  readonly splits?: readonly (PictureSplit | undefined)[];
  /** Width and height of each before it was brought to this size, (N, 2). Default: this size. */
  readonly originals?: Int32Array;
}

/** Distinct labels in order: by their values where all are whole numbers, else by code unit. */
function classesOf(labels: readonly (string | undefined)[]): string[] {
  const classes = [...new Set(labels)].filter((label) => label !== undefined);
  return classes.every((label) => /^\d{1,15}$/.test(label))
    ? classes.sort((a, b) => Number(a) - Number(b))
    : classes.sort();
}

function checkCounts(length: number, options: PictureSetOptions): void {
  const { names, labels, captions, splits, originals } = options;
  for (const [what, count] of [
    ["names", names?.length],
    ["labels", labels?.length],
    ["captions", captions?.length],
    ["splits", splits?.length],
    ["original sizes", originals === undefined ? undefined : originals.length / 2],
  ] as const) {
    if (count !== undefined && count !== length)
      throw new ArgumentError(`A set of ${length} pictures was given ${count} ${what}`, {
        hint: "Give one a picture.",
      });
  }
}

export class PictureSet {
  readonly length: number;
  readonly width: number;
  readonly height: number;
  readonly channels: PictureChannels;
  readonly names: readonly string[];
  /** Sorted; empty where no picture has one. A selection keeps the classes of its whole. */
  readonly classes: readonly string[];
  /** (N), numbers of classes; -1: none. */
  readonly labels: Int32Array;
  readonly captions: readonly (string | undefined)[];
  /** As the source divides itself; undefined where it does not. */
  readonly splits: readonly (PictureSplit | undefined)[];
  /** (N, 2): width and height of each before it was brought to this size. */
  readonly originals: Int32Array;
  private readonly pixels: PixelSource;

  /** @throws ArgumentError where the counts contradict each other, there are no such channels, or a label is none of the classes. */
  constructor(options: PictureSetOptions) {
    const { width, height, channels, pixels, names, labels, captions, splits, originals } = options;
    const bytes = width * height * channels;
    if (!(Number.isInteger(bytes) && bytes > 0) || !isChannels(channels)) {
      throw new ArgumentError(`Pictures cannot be ${width}×${height} with ${channels} channels`, {
        hint: "Width and height are whole numbers from 1; a picture has 1, 3 or 4 channels.",
      });
    }
    this.pixels = pixels instanceof Uint8Array ? pixelsInMemory(pixels, bytes) : pixels;
    const { length } = this.pixels;
    if (!Number.isInteger(length)) {
      throw new ArgumentError(
        `The pixels are no whole number of pictures of ${width}×${height}×${channels} = ${bytes} bytes`,
        { hint: "Give one byte per picture, pixel and channel." },
      );
    }
    checkCounts(length, options);
    const none = new Array<undefined>(length).fill(undefined);
    this.length = length;
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.names = names ?? Array.from({ length }, (_, i) => `picture ${i + 1}`);
    this.classes = options.classes ?? classesOf(labels ?? []);
    const numbers = new Map(this.classes.map((label, number) => [label, number]));
    this.labels = Int32Array.from(labels ?? none, (label) => {
      const number = label === undefined ? -1 : numbers.get(label);
      if (number !== undefined) return number;
      throw new ArgumentError(`The label ${JSON.stringify(label)} is none of the ${numbers.size} classes`, {
        hint: "Name every class that occurs.",
      });
    });
    this.captions = captions ?? none;
    this.splits = splits ?? none;
    this.originals = originals ?? Int32Array.from({ length: 2 * length }, (_, i) => (i % 2 === 0 ? width : height));
  }

  /** Bytes of one picture. */
  get bytes(): number {
    return this.width * this.height * this.channels;
  }

  /** (B, H, W, C). @throws ArgumentError for an index that is none of the set's. */
  rows(indices: ArrayLike<number>): Uint8Array {
    const out = new Uint8Array(indices.length * this.bytes);
    for (let i = 0; i < indices.length; i++) this.pixels.copy(this.checked(indices[i]!), out, i * this.bytes);
    return out;
  }

  picture(index: number): Picture {
    return { width: this.width, height: this.height, channels: this.channels, data: this.rows([index]) };
  }

  /** The same pictures, with these classes: one that is none of them becomes −1. */
  withClasses(classes: readonly string[]): PictureSet {
    const { width, height, channels, names, captions, splits, originals, length } = this;
    const copy: PixelSource["copy"] = (index, out, at) => this.pixels.copy(index, out, at);
    const known = new Set(classes);
    const labels = Array.from(this.labels, (label) => {
      const name = this.classes[label];
      return name !== undefined && known.has(name) ? name : undefined;
    });
    return new PictureSet({
      width,
      height,
      channels,
      pixels: { length, copy },
      classes,
      names,
      labels,
      captions,
      splits,
      originals,
    });
  }

  /** The pictures at the indices, in their order, over the same pixels. @throws ArgumentError for an index that is none of the set's. */
  select(indices: ArrayLike<number>): PictureSet {
    const from = Array.from(indices, (index) => this.checked(index));
    const { width, height, channels, classes, pixels } = this;
    const at = <T>(column: ArrayLike<T>): T[] => from.map((index) => column[index]!);
    return new PictureSet({
      width,
      height,
      channels,
      pixels: { length: from.length, copy: (index, out, start) => pixels.copy(from[index]!, out, start) },
      classes,
      names: at(this.names),
      labels: at(this.labels).map((label) => classes[label]),
      captions: at(this.captions),
      splits: at(this.splits),
      originals: Int32Array.from(from.flatMap((index) => [...this.originals.subarray(2 * index, 2 * index + 2)])),
    });
  }

  private checked(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return index;
    throw new ArgumentError(`There is no picture ${index} in a set of ${this.length}`, {
      hint: "Indices are whole numbers from 0 to one less than the length.",
    });
  }
}
