/** What people ask for in words, checked against the words that a model knows. */
import { ArgumentError } from "@atelier/engine";
import type { LoadedPictureModel } from "../model/load.js";

/** A model, with the name that messages call it by. */
export type Asked = Pick<LoadedPictureModel, "record" | "model">;

export interface Prompt {
  readonly prompt: string;
  /** What is left out of it, in plain words. */
  readonly warnings: readonly string[];
}

/** @throws {ArgumentError} for a model that was told no captions, and for a prompt of which it knows no word */
export function promptFor({ record: { name }, model }: Asked, prompt: string): Prompt {
  const { captions, classes } = model;
  if (captions === undefined) {
    const classed = classes.length > 0 ? " Ask for a class: --class." : "";
    throw new ArgumentError(`The model ${name} cannot be asked in words: it learnt from pictures without captions`, {
      hint: `Leave the prompt out.${classed} A diffusion model learns words with --set model.captions={} on pictures that have captions.`,
    });
  }
  const { tokens, unknown } = captions.encode(prompt);
  const likely = unknown.map((word) => [word, captions.nearest(word)] as const);
  const known = tokens.some((token) => token >= 0);
  const meant = likely.flatMap(([word, near]) => (near === undefined ? [] : [`${near} for ${word}`]));
  const suggestion = meant.length === 0 ? "" : `Did you mean ${meant.join(", ")}? `;
  if (!known) {
    throw new ArgumentError(`The model ${name} knows no word of the prompt "${prompt}"`, {
      hint: `${suggestion}It knows ${captions.words.length} words, such as ${captions.words.slice(0, 12).join(", ")}.`,
    });
  }
  return {
    prompt,
    warnings:
      unknown.length === 0
        ? []
        : [
            `The model ${name} does not know ${unknown.map((word) => `"${word}"`).join(", ")}; the rest of the prompt stands. ${suggestion}`.trim(),
          ],
  };
}

/** Several prompts; what is left out of any of them is told once. @throws as `promptFor` */
export function promptsFor(
  model: Asked,
  asked: string | readonly string[] | undefined,
): { readonly prompts: readonly string[] | undefined; readonly warnings: readonly string[] } {
  if (asked === undefined) return { prompts: undefined, warnings: [] };
  const checked = (typeof asked === "string" ? [asked] : asked).map((prompt) => promptFor(model, prompt));
  return {
    prompts: checked.map(({ prompt }) => prompt),
    warnings: [...new Set(checked.flatMap(({ warnings }) => warnings))],
  };
}
