/**
 * A trained vq as a codec: pictures become rows of tokens, one for each place of its grid of codes, and come back from them (van den Oord
 * et al. 2017, section 4). It is whole in itself: it holds the vq with its weights.
 *
 * N: pictures, n: codes of one picture, row by row of the grid.
 */
import { type ImageCodec, type PictureSet, TokenStream, type TokensCodec } from "@atelier/data";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import { openModel } from "../../model/load.js";
import { RecipeError } from "../../recipe/resolve.js";
import type { PictureRecipe } from "../../recipe/schema.js";
import { freeze, frozenShape, parseFrozen, type Thawed, thaw } from "../frozen-model.js";
import { inSlices } from "../in-slices.js";
import { PerSet } from "../per-set.js";
import type { PassOptions, PictureCodes } from "../picture-family.js";

/** Stands before the codes of every picture. */
export const START = "<|endoftext|>";

const savedSchema = z.strictObject({ codec: z.literal("vq"), ...frozenShape });
type Saved = z.infer<typeof savedSchema>;

export class PictureTokensCodec implements TokensCodec {
  readonly kind = "tokens";
  readonly name = "vq";
  readonly spec: TokensCodec["spec"];
  readonly #vq: Thawed;
  /** Codes of one picture. */
  readonly length: number;
  /** `7×7 codes out of 256, of the vq fashion-mnist-vq (weights 0123456789ab)` */
  readonly description: string;
  readonly #saved: Saved;
  readonly #items = new PerSet<TokenStream>();

  private constructor(saved: Saved) {
    this.#saved = saved;
    this.#vq = thaw("vq", saved);
    const { height, width, size } = this.codes();
    this.length = height * width;
    this.description = `${height}×${width} codes out of ${size}, of ${this.#vq.words}`;
    this.spec = { kind: "items", vocabulary: size + 1, specials: { [START]: size }, maxLength: this.length };
  }

  /**
   * Of a trained model, by its name or path.
   * @throws {NotFoundError} where it is not there. @throws {RecipeError} where it is no vq
   * @throws {FormatError} where it does not say what it was trained by
   */
  static async open(home: string, nameOrPath: string): Promise<PictureTokensCodec> {
    const opened = await openModel(home, nameOrPath);
    const { name, family } = opened.record;
    if (family !== "vq") {
      throw new RecipeError(`codec.model: ${name} is a ${family}, and only a vq makes tokens of pictures`, {
        hint: "Train one: atelier train DATA --family vq",
      });
    }
    return PictureTokensCodec.load({ codec: "vq", ...(await freeze(opened)) });
  }

  /** What `toJSON` wrote. @throws {FormatError} naming what is missing or wrong */
  static load(json: unknown): PictureTokensCodec {
    return new PictureTokensCodec(parseFrozen(savedSchema, json, "pictures as tokens"));
  }

  /** What the vq was trained by. */
  get recipe(): PictureRecipe {
    return this.#vq.recipe;
  }

  /** Between pictures and their values. */
  get image(): ImageCodec {
    return this.#vq.model.codec;
  }

  /** What does the work, compiled; to be released. */
  codes(on: Placement = {}): PictureCodes {
    // Every vq has them.
    return this.#vq.model.codes!(this.#vq.state, on);
  }

  /**
   * A start and n codes for every picture, and a start behind the last, so that all of them end alike: N · (n + 1) + 1 tokens. They are
   * remembered as long as the pictures are.
   * @param codes what `codes` gave
   */
  items(pictures: PictureSet, codes: PictureCodes, options?: PassOptions): Promise<TokenStream> {
    return this.#items.of(pictures, () => this.#encode(pictures, codes, options));
  }

  async #encode(pictures: PictureSet, codes: PictureCodes, options: PassOptions = {}): Promise<TokenStream> {
    const { length } = this;
    const { signal } = options;
    const all = new Int32Array(pictures.length * length);
    await inSlices(pictures, this.image, all, (values) => codes.encode(values, { signal }), options);
    const ids = new Int32Array(pictures.length * (length + 1) + 1).fill(this.spec.specials[START]!);
    for (let i = 0; i < pictures.length; i++) {
      ids.set(all.subarray(i * length, (i + 1) * length), i * (length + 1) + 1);
    }
    return new TokenStream(ids);
  }

  /** The same once, with what is compiled for it alone. */
  async encode(pictures: PictureSet, options?: PassOptions): Promise<TokenStream> {
    const codes = this.codes();
    try {
      return await this.items(pictures, codes, options);
    } finally {
      await codes.release();
    }
  }

  bytesOf(ids: ArrayLike<number>): number {
    const [channels, height, width] = this.image.spec.shape;
    const start = this.spec.specials[START]!;
    const codes = Array.from(ids).filter((id) => id !== start).length;
    return (codes * channels * height * width) / this.length;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#saved;
  }
}
