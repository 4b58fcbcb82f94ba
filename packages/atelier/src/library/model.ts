/** A trained model, loaded for use. */
import { ArgumentError, type Device, type WeightFormat } from "@atelier/engine";
import type { Ability } from "@atelier/models";
import type { Placement, TextGenerator, Weights } from "../families/text-family.js";
import type { TextEmbedder, TextFiller, TextScorer } from "../families/text-tasks.js";
import type { GeneratorOptions } from "../generation/generate.js";
import {
  type LoadedModel,
  type LoadedPictureModel,
  type LoadedTextModel,
  openModel,
  requirePictures,
  requireText,
} from "../model/load.js";
import type {
  PictureCoder,
  PictureCodes,
  PictureEditor,
  PictureEmbedder,
  PictureGenerator,
  PictureScorer,
  PictureUpscaler,
} from "../pictures/picture-family.js";
import { atelierHome } from "../storage/index.js";
import { defaultThreads } from "../training/machine.js";
import type { ModelState } from "../training/subject.js";
import { AbilityError } from "./ability.js";

export interface LoadOptions extends Placement {
  /** Where Atelier keeps things; by default `$ATELIER_HOME`, or `.atelier` in the current folder. */
  readonly home?: string | undefined;
  /** `int8` keeps matrices in 8 bits while generating and filling: less memory, faster, and not quite the same output. */
  readonly weights?: WeightFormat | undefined;
}

/**
 * Loads a model by its name, or by the path of its folder.
 *
 * @throws {NotFoundError} with the nearest name. @throws {FormatError} where one of its files was altered.
 * @example
 * ```ts
 * const model = await load("whale");
 * const { rows } = await complete(model, { prompt: "Call me", tokens: 100 });
 * console.log(rows[0]?.text);
 * await model.release();
 * ```
 */
export async function load(nameOrPath: string, options: LoadOptions = {}): Promise<Model> {
  const home = options.home ?? atelierHome();
  return new Model(await openModel(home, nameOrPath), { ...options, home });
}

type Tool = keyof Tools;
interface Tools {
  readonly generator: TextGenerator;
  readonly filler: TextFiller;
  readonly scorer: TextScorer;
  readonly embedder: TextEmbedder;
}
const TOOLS = { generator: "generate", filler: "fill", scorer: "score", embedder: "embed" } as const;

type PictureTool = keyof PictureTools;
interface PictureTools {
  readonly generator: PictureGenerator;
  readonly coder: PictureCoder;
  readonly codes: PictureCodes;
  readonly scorer: PictureScorer;
  readonly embedder: PictureEmbedder;
  readonly editor: PictureEditor;
  readonly upscaler: PictureUpscaler;
}
const PICTURE_TOOLS = {
  generator: "generate",
  coder: "encode",
  codes: "encode",
  scorer: "score",
  embedder: "embed",
  editor: "edit",
  upscaler: "upscale",
} as const;

/** What `load` returns. Compiled functions are made when they are first needed, and kept until `release`. */
export class Model {
  readonly name: string;
  readonly family: string;
  /** What it can do, in this family and with this codec. */
  readonly can: readonly Ability[];
  readonly home: string;
  readonly device: Device;
  readonly threads: number;
  readonly weightFormat: WeightFormat;
  /** Its files, configuration, codec and weights. */
  readonly loaded: LoadedModel;
  readonly #tools: Partial<Tools> = {};
  readonly #pictureTools: Partial<PictureTools> = {};
  #released = false;

  constructor(loaded: LoadedModel, { home, device, threads, weights }: LoadOptions & { readonly home: string }) {
    this.loaded = loaded;
    this.name = loaded.record.name;
    this.family = loaded.record.family;
    this.can = loaded.model.can;
    this.home = home;
    this.device = device ?? "cpu";
    this.threads = threads ?? defaultThreads();
    this.weightFormat = weights ?? "float32";
  }

  get medium(): LoadedModel["medium"] {
    return this.loaded.medium;
  }

  /** Of a model of texts. @throws {ArgumentError} for one of pictures */
  get text(): LoadedTextModel {
    return requireText(this.loaded);
  }

  /** Of a model of pictures. @throws {ArgumentError} for one of texts */
  get pictures(): LoadedPictureModel {
    return requirePictures(this.loaded);
  }

  /** What a text begins with where no prompt is given: nothing, where the codec marks the ends of documents; else a new line or a blank. */
  get startOfText(): string {
    const { codec } = this.text.model;
    if (codec.spec.specials["<|endoftext|>"] !== undefined) return "";
    const tokens = Array.from({ length: codec.spec.vocabulary }, (_, id) => codec.decode([id]));
    return ["\n", " "].find((blank) => tokens.includes(blank)) ?? tokens[0]!;
  }

  /**
   * What does the work of one ability, for those who need more than the functions of this library give.
   *
   * @throws {AbilityError} for what this model cannot do. @throws {ArgumentError} after `release`
   */
  tool<Name extends Tool>(name: Name): Tools[Name] {
    this.#requireHeld();
    const made = this.#tools[name];
    if (made !== undefined) return made as Tools[Name];
    if (this.loaded.medium !== "text") throw new AbilityError(this, TOOLS[name], "text");
    const { model, weights } = this.loaded;
    // A family has the tool exactly if `can` says so.
    const make = model[name] as ((weights: Weights, on: GeneratorOptions) => Tools[Name]) | undefined;
    if (make === undefined || !this.can.includes(TOOLS[name])) throw new AbilityError(this, TOOLS[name]);
    const tool = make(weights, { device: this.device, threads: this.threads, weights: this.weightFormat });
    this.#tools[name] = tool;
    return tool;
  }

  /**
   * As `tool`, of a model of pictures.
   *
   * @throws {AbilityError} for what this model cannot do. @throws {ArgumentError} after `release`, or with weights of 8 bits
   */
  pictureTool<Name extends PictureTool>(name: Name): PictureTools[Name] {
    this.#requireHeld();
    const made = this.#pictureTools[name];
    if (made !== undefined) return made as PictureTools[Name];
    if (this.loaded.medium !== "pictures") throw new AbilityError(this, PICTURE_TOOLS[name], "pictures");
    if (this.weightFormat !== "float32") {
      throw new ArgumentError(`The model ${this.name} makes pictures, and keeps its weights in 32 bits`, {
        hint: "Weights of 8 bits are for models of texts: leave them out.",
      });
    }
    const { model, state } = this.loaded;
    const make = model[name] as ((state: ModelState, on: Placement) => PictureTools[Name]) | undefined;
    if (make === undefined) throw new AbilityError(this, PICTURE_TOOLS[name]);
    const tool = make(state, { device: this.device, threads: this.threads });
    this.#pictureTools[name] = tool;
    return tool;
  }

  #requireHeld(): void {
    if (!this.#released) return;
    throw new ArgumentError(`The model ${this.name} was released`, { hint: "Load it again to use it further." });
  }

  /** Frees what was compiled. The model cannot be used afterwards. */
  async release(): Promise<void> {
    this.#released = true;
    const tools = [...Object.values(this.#tools), ...Object.values(this.#pictureTools)];
    for (const tool of tools) await tool.release();
  }
}
