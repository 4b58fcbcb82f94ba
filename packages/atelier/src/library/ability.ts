/** Asks a model whether it can do what is wanted of it. */
import { AtelierError } from "@atelier/engine/errors";
import type { Ability } from "@atelier/models";

/** A model that was asked for what it cannot do. */
export class AbilityError extends AtelierError {
  readonly code = "NOT_ABLE";
  readonly wanted: Ability;

  constructor(
    model: { readonly name: string; readonly family: string; readonly can: readonly Ability[] },
    wanted: Ability,
  ) {
    const others = model.can.map((ability) => WORDS[ability]);
    super(`The model ${model.name} cannot ${WORDS[wanted]}: it is a ${model.family}${WHY[wanted] ?? ""}`, {
      hint: `It can ${others.length < 2 ? others.join("") : `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`}.`,
    });
    this.wanted = wanted;
  }
}

const WORDS: Readonly<Record<Ability, string>> = {
  generate: "generate text",
  score: "score texts",
  encode: "encode",
  decode: "decode",
  fill: "fill gaps",
  edit: "edit",
  embed: "turn texts into vectors",
};

const WHY: Partial<Readonly<Record<Ability, string>>> = {
  fill: ", and was not trained with a codec that has the tokens for it",
};
