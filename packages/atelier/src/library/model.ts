/** A trained model, loaded for use. */
import { ArgumentError, type Device, type WeightFormat } from "@atelier/engine";
import type { Ability } from "@atelier/models";
import type { Placement, TextGenerator, Weights } from "../families/text-family.js";
import type { TextEmbedder, TextFiller, TextScorer } from "../families/text-tasks.js";
import type { GeneratorOptions } from "../generation/generate.js";
import { type LoadedModel, openModel } from "../model/load.js";
import { atelierHome } from "../storage/index.js";
import { defaultThreads } from "../training/machine.js";
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

type Tool = "generator" | "filler" | "scorer" | "embedder";
interface Tools {
  readonly generator: TextGenerator;
  readonly filler: TextFiller;
  readonly scorer: TextScorer;
  readonly embedder: TextEmbedder;
}
const TOOLS = { generator: "generate", filler: "fill", scorer: "score", embedder: "embed" } as const;

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

  /** What a text begins with where no prompt is given: nothing, where the codec marks the ends of documents; else a new line or a blank. */
  get startOfText(): string {
    const { codec } = this.loaded.model;
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
    if (this.#released) {
      throw new ArgumentError(`The model ${this.name} was released`, { hint: "Load it again to use it further." });
    }
    const made = this.#tools[name];
    if (made !== undefined) return made as Tools[Name];
    const { model, weights } = this.loaded;
    // A family has the tool exactly if `can` says so.
    const make = model[name] as ((weights: Weights, on: GeneratorOptions) => Tools[Name]) | undefined;
    if (make === undefined || !this.can.includes(TOOLS[name])) throw new AbilityError(this, TOOLS[name]);
    const tool = make(weights, { device: this.device, threads: this.threads, weights: this.weightFormat });
    this.#tools[name] = tool;
    return tool;
  }

  /** Frees what was compiled. The model cannot be used afterwards. */
  async release(): Promise<void> {
    this.#released = true;
    for (const tool of Object.values(this.#tools)) await tool.release();
  }
}
