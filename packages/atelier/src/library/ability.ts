/** Asks a model whether it can do what is wanted of it. */
import { AtelierError } from "@atelier/engine/errors";
import type { Ability } from "@atelier/models";
import { withArticle } from "../cli/format.js";

/** What a model reads and writes. */
export type MediumOfModel = "text" | "pictures";

/** A model that was asked for what it cannot do. */
export class AbilityError extends AtelierError {
  readonly code = "NOT_ABLE";
  readonly wanted: Ability;

  /** @param medium of what was wanted: by default that of the model */
  constructor(
    model: {
      readonly name: string;
      readonly family: string;
      readonly can: readonly Ability[];
      readonly medium: MediumOfModel;
    },
    wanted: Ability,
    medium = model.medium,
  ) {
    const others = model.can.map((ability) => WORDS[model.medium][ability]);
    const why = medium === "text" && model.medium === "text" ? WHY[wanted] : undefined;
    super(`The model ${model.name} cannot ${WORDS[medium][wanted]}: it is ${withArticle(model.family)}${why ?? ""}`, {
      hint: `It can ${others.length < 2 ? others.join("") : `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`}.`,
    });
    this.wanted = wanted;
  }
}

const WORDS: Readonly<Record<MediumOfModel, Readonly<Record<Ability, string>>>> = {
  text: {
    generate: "generate text",
    score: "score texts",
    encode: "encode",
    decode: "decode",
    fill: "fill gaps",
    edit: "edit",
    embed: "turn texts into vectors",
    upscale: "enlarge",
  },
  pictures: {
    generate: "generate pictures",
    score: "score pictures",
    encode: "encode pictures",
    decode: "decode pictures",
    fill: "fill in pictures",
    edit: "edit pictures",
    embed: "turn pictures into features",
    upscale: "make pictures larger",
  },
};

/** Of a model of texts. */
const WHY: Partial<Readonly<Record<Ability, string>>> = {
  fill: ", and was not trained with a codec that has the tokens for it",
};
