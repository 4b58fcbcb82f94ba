/**
 * A trained vq as a codec: pictures become rows of tokens, one for each place of its grid of codes, and come back from them (van den Oord
 * et al. 2017, section 4). It is whole in itself: it holds the vq's weights as their file has them, pinned by the hash in the vq's
 * `model.json`, so that neither retraining nor removing that model changes what the tokens mean.
 *
 * N: pictures, n: codes of one picture, row by row of the grid.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ImageCodec, type PictureSet, TokenStream, type TokensCodec } from "@atelier/data";
import { AtelierError, FormatError } from "@atelier/engine/errors";
import { decodeSafetensors } from "@atelier/engine/storage";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import { openModel } from "../../model/load.js";
import { stateOf } from "../../model/weights.js";
import { RecipeError, resolveRecipe } from "../../recipe/resolve.js";
import { isTextRecipe, type PictureRecipe } from "../../recipe/schema.js";
import { jsonRecord } from "../../storage/json-file.js";
import type { ModelState } from "../../training/subject.js";
import { restorePictureModel } from "../families/index.js";
import type { PassOptions, PictureCodes, PictureModel } from "../picture-family.js";

/** Stands before the codes of every picture. */
export const START = "<|endoftext|>";

/** Pictures whose values are in memory at once while many are encoded. */
const SLICE = 1024;

const savedSchema = z.strictObject({
  codec: z.literal("vq"),
  /** What the vq was called. */
  model: z.string(),
  /** SHA-256 of `weights`. */
  sha256: z.string(),
  configuration: jsonRecord,
  /** How pictures become values. */
  image: jsonRecord,
  /** What the vq was trained by: which pictures were held out, and which were left out. */
  recipe: jsonRecord,
  /** Its `weights.safetensors`, in base64. */
  weights: z.base64(),
});
type Saved = z.infer<typeof savedSchema>;

export class PictureTokensCodec implements TokensCodec {
  readonly kind = "tokens";
  readonly name = "vq";
  readonly spec: TokensCodec["spec"];
  readonly #vq: PictureModel;
  readonly #state: ModelState;
  /** What the vq was trained by. */
  readonly recipe: PictureRecipe;
  /** Codes of one picture. */
  readonly length: number;
  /** `7×7 codes out of 256, of the vq fashion-mnist-vq (weights 0123456789ab)` */
  readonly description: string;
  readonly #saved: Saved;
  readonly #items = new WeakMap<PictureSet, Promise<TokenStream>>();

  private constructor(saved: Saved, recipe: PictureRecipe) {
    const file = `the codec of ${saved.model}`;
    const bytes = Buffer.from(saved.weights, "base64");
    if (createHash("sha256").update(bytes).digest("hex") !== saved.sha256) {
      throw new FormatError(`${file}: the weights do not match their SHA-256`, {
        hint: "The file was altered or damaged.",
      });
    }
    this.#saved = saved;
    this.recipe = recipe;
    this.#vq = restorePictureModel("vq", saved.configuration, saved.image, file);
    this.#state = stateOf(decodeSafetensors(bytes).tensors);
    const { height, width, size } = this.codes();
    this.length = height * width;
    this.description = `${height}×${width} codes out of ${size}, of the vq ${saved.model} (weights ${saved.sha256.slice(0, 12)})`;
    this.spec = { kind: "items", vocabulary: size + 1, specials: { [START]: size }, maxLength: this.length };
  }

  /**
   * Of a trained model, by its name or path.
   * @throws {NotFoundError} where it is not there. @throws {RecipeError} where it is no vq
   * @throws {FormatError} where it does not say what it was trained by
   */
  static async open(home: string, nameOrPath: string): Promise<PictureTokensCodec> {
    const { directory, record, model } = await openModel(home, nameOrPath);
    const { name, family, configuration, weights, training } = record;
    if (family !== "vq") {
      throw new RecipeError(`codec.model: ${name} is a ${family}, and only a vq makes tokens of pictures`, {
        hint: "Train one: atelier train DATA --family vq",
      });
    }
    const bytes = await readFile(join(directory, weights.file));
    return PictureTokensCodec.load({
      codec: "vq",
      model: name,
      sha256: weights.sha256,
      configuration,
      image: model.codec.toJSON(),
      recipe: training.recipe,
      weights: bytes.toString("base64"),
    });
  }

  /** What `toJSON` wrote. @throws {FormatError} naming what is missing or wrong */
  static load(json: unknown): PictureTokensCodec {
    const hint = "Load the codec.json that was written beside the model.";
    const parsed = savedSchema.safeParse(json);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new FormatError(
        `This is no saved codec of pictures as tokens: ${path.join(".") || "the whole"}: ${message}`,
        { hint },
      );
    }
    let recipe: ReturnType<typeof resolveRecipe>;
    try {
      recipe = resolveRecipe(parsed.data.recipe);
    } catch (cause) {
      if (!AtelierError.isInstance(cause)) throw cause;
      throw new FormatError(`The vq's recipe in the saved codec cannot be read: ${cause.message}`, { cause, hint });
    }
    if (isTextRecipe(recipe)) throw new FormatError("The vq's recipe in the saved codec is one for texts", { hint });
    return new PictureTokensCodec(parsed.data, recipe);
  }

  /** Between pictures and their values. */
  get image(): ImageCodec {
    return this.#vq.codec;
  }

  /** What does the work, compiled; to be released. */
  codes(on: Placement = {}): PictureCodes {
    // The constructor restored a vq, which has them.
    return this.#vq.codes!(this.#state, on);
  }

  /**
   * A start and n codes for every picture, and a start behind the last, so that all of them end alike: N · (n + 1) + 1 tokens. They are
   * remembered as long as the pictures are.
   * @param codes what `codes` gave
   */
  items(pictures: PictureSet, codes: PictureCodes, options?: PassOptions): Promise<TokenStream> {
    const known = this.#items.get(pictures);
    if (known !== undefined) return known;
    const made = this.#encode(pictures, codes, options);
    this.#items.set(pictures, made);
    // What was stopped is begun anew.
    made.catch(() => this.#items.delete(pictures));
    return made;
  }

  async #encode(
    pictures: PictureSet,
    codes: PictureCodes,
    { signal, onProgress }: PassOptions = {},
  ): Promise<TokenStream> {
    const start = this.spec.specials[START]!;
    const ids = new Int32Array(pictures.length * (this.length + 1) + 1).fill(start);
    for (let from = 0; from < pictures.length; from += SLICE) {
      const count = Math.min(SLICE, pictures.length - from);
      const values = this.image.encode(pictures.rows(Array.from({ length: count }, (_, i) => from + i)));
      const made = await codes.encode(values, { signal });
      for (let i = 0; i < count; i++) {
        ids.set(made.subarray(i * this.length, (i + 1) * this.length), (from + i) * (this.length + 1) + 1);
      }
      onProgress?.(from + count, pictures.length);
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
