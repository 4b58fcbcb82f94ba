/**
 * The latent space of a trained vae or vq, for another model to learn in (Rombach et al. 2022, "High-resolution image synthesis with latent
 * diffusion models", section 3). Of a vae it is its vectors, as L channels of one place; of a vq the vectors of its codebook at the places of
 * its grid, which come back by the nearest code. It is whole in itself: it holds that model with its weights.
 *
 * N: pictures, C, H, W: channels, height and width of a picture, L: width of a vae's vector.
 */
import type { ImageCodec, PictureSet } from "@atelier/data";
import type { DiffusionConfiguration } from "@atelier/models";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import { openModel } from "../../model/load.js";
import { RecipeError } from "../../recipe/resolve.js";
import type { PictureRecipe } from "../../recipe/schema.js";
import { freeze, frozenShape, parseFrozen, type Thawed, thaw } from "../frozen-model.js";
import { inBatches } from "../in-batches.js";
import { inSlices } from "../in-slices.js";
import { PerSet } from "../per-set.js";
import type { PassOptions, PictureCoder, PictureCodes, Values } from "../picture-family.js";
import type { ValueRows } from "../value-rows.js";
import { type Codebook, codeRows, nearestCodes, vectorRows } from "./latent-rows.js";

const familySchema = z.enum(["vae", "vq"]);
const savedSchema = z.strictObject({ codec: z.literal("latents"), family: familySchema, ...frozenShape });
type Saved = z.infer<typeof savedSchema>;

/** Whether a saved codec is one of latents. What else it has to hold is checked where it is read. */
export const holdsLatents = (codec: unknown): boolean =>
  z.looseObject({ codec: savedSchema.shape.codec }).safeParse(codec).success;

/** What is compiled to go between pictures and latents; to be released. */
export interface LatentCoder {
  encode(pictures: PictureSet, options?: PassOptions): Promise<ValueRows>;
  /** Latents, (N, …shape) → (N, C, H, W) */
  decode(latents: Values, options?: PassOptions): Promise<Values>;
  release(): Promise<void>;
}

export class LatentSpace {
  readonly #saved: Saved;
  readonly #frozen: Thawed;
  readonly #rows = new PerSet<ValueRows>();
  /** Of a latent: channels, height, width. */
  readonly shape: DiffusionConfiguration["shape"];
  /** `latents of 32×7×7, of the vq fashion-mnist-vq (weights 0123456789ab)` */
  readonly description: string;

  private constructor(saved: Saved) {
    this.#saved = saved;
    this.#frozen = thaw(saved.family, saved);
    const { coder, codes } = this.#tools({});
    this.shape = codes === undefined ? [coder!.width, 1, 1] : [codes.depth, codes.height, codes.width];
    this.description = `latents of ${this.shape.join("×")}, of ${this.#frozen.words}`;
  }

  /**
   * Of a trained model, by its name or path.
   * @throws {NotFoundError} where it is not there. @throws {RecipeError} where it is neither a vae nor a vq
   * @throws {FormatError} where it does not say what it was trained by
   */
  static async open(home: string, nameOrPath: string): Promise<LatentSpace> {
    const opened = await openModel(home, nameOrPath);
    const { name, family } = opened.record;
    const known = familySchema.safeParse(family);
    if (!known.success) {
      throw new RecipeError(`model.latents: ${name} is a ${family}, and only a vae or a vq has latents to learn`, {
        hint: "Train one: atelier train DATA --family vq",
      });
    }
    return LatentSpace.load({ codec: "latents", family: known.data, ...(await freeze(opened)) });
  }

  /** What `toJSON` wrote. @throws {FormatError} naming what is missing or wrong */
  static load(json: unknown): LatentSpace {
    return new LatentSpace(parseFrozen(savedSchema, json, "latents"));
  }

  /** What the vae or vq was called. */
  get name(): string {
    return this.#saved.model;
  }

  /** What it was trained by. */
  get recipe(): PictureRecipe {
    return this.#frozen.recipe;
  }

  /** Between pictures and their values. */
  get image(): ImageCodec {
    return this.#frozen.model.codec;
  }

  #tools(on: Placement) {
    const { model, state } = this.#frozen;
    return { coder: model.coder?.(state, on), codes: model.codes?.(state, on) };
  }

  coder(on: Placement = {}): LatentCoder {
    const { coder, codes } = this.#tools(on);
    // A vae has the one, a vq the other.
    return codes === undefined ? vectorCoder(coder!, this.image) : codeCoder(codes, this.image);
  }

  /** The latents of pictures, which are remembered as long as these are. */
  rows(pictures: PictureSet, options?: PassOptions): Promise<ValueRows> {
    return this.#rows.of(pictures, async () => {
      const coder = this.coder();
      try {
        return await coder.encode(pictures, options);
      } finally {
        await coder.release();
      }
    });
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#saved;
  }
}

/** Of a vae: expected vectors, and expected pictures. One that knows classes does without. */
function vectorCoder(coder: PictureCoder, image: ImageCodec): LatentCoder {
  return {
    async encode(pictures, options = {}) {
      const { signal } = options;
      const all = new Float32Array(pictures.length * coder.width);
      const encode = (values: Values) => coder.encode(values, undefined, { signal });
      return vectorRows(await inSlices<Float32Array>(pictures, image, all, encode, options), coder.width);
    },
    decode: (latents, options) => coder.decode(latents, undefined, options),
    release: () => coder.release(),
  };
}

function codeCoder(codes: PictureCodes, image: ImageCodec): LatentCoder {
  const area = codes.height * codes.width;
  let opened: Promise<Codebook> | undefined;
  const codebook = (): Promise<Codebook> => {
    opened ??= codes.vectors().then((vectors) => ({ vectors, depth: codes.depth }));
    return opened;
  };
  return {
    async encode(pictures, options = {}) {
      const { signal } = options;
      const all = new Int32Array(pictures.length * area);
      await inSlices(pictures, image, all, (values) => codes.encode(values, { signal }), options);
      return codeRows(all, area, await codebook());
    },
    async decode(latents, options = {}) {
      const book = await codebook();
      const each = area * codes.depth;
      const nearest = new Int32Array(latents.length / codes.depth);
      await inBatches(
        latents.length / each,
        async ({ from, count }) => {
          nearest.set(nearestCodes(latents.subarray(from * each, (from + count) * each), area, book), from * area);
        },
        { signal: options.signal },
      );
      return codes.decode(nearest, options);
    },
    release: () => codes.release(),
  };
}
