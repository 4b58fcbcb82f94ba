/**
 * Continued training: a recipe that says `from` takes the family, the sizes, the codec and the weights of a model that is there
 * already, and trains them further on its own data.
 */
import { settingsOf } from "../families/transformer-settings.js";
import { openModel, requireText } from "../model/load.js";
import { RecipeError, resolveRecipe, resolveTextRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import type { ModelState } from "./subject.js";

export interface StartingPoint {
  /** As `toJSON` wrote it. */
  readonly codec: unknown;
  readonly state: ModelState;
}

/** What the model brings: a recipe that sets it too would contradict it. Dropout is no part of the weights. */
const TAKEN = ["family", "codec", "model"];
const FREE = ["dropout"];

/** The recipe with every setting filled in, and what it starts from. @throws {RecipeError} @throws {NotFoundError} */
export async function startingPoint(
  recipe: unknown,
  home: string,
): Promise<{ readonly asked: Recipe; readonly start?: StartingPoint }> {
  const asked = resolveRecipe(recipe);
  if (asked.from === undefined) return { asked };
  refuseContradictions(recipe);
  const { model, state } = requireText(await openModel(home, asked.from));
  const settings = settingsOf(model.configuration);
  const text = resolveTextRecipe({ ...asked, family: model.family.name });
  return {
    asked: {
      ...text,
      model: { ...settings, dropout: text.model.dropout ?? settings.dropout },
    },
    start: { codec: model.codec.toJSON(), state },
  };
}

/** What a run began with, for one that was killed before its first checkpoint. */
export async function initialState({ from }: Recipe, home: string): Promise<ModelState | undefined> {
  return from === undefined ? undefined : (await openModel(home, from)).state;
}

function refuseContradictions(recipe: unknown): void {
  const given = Object.entries(recipe as Record<string, unknown>).filter(([key]) => TAKEN.includes(key));
  for (const [key, value] of given) {
    const inner = typeof value === "object" && value !== null ? Object.keys(value) : [""];
    const odd = key === "model" ? inner.find((name) => !FREE.includes(name)) : inner[0];
    if (odd === undefined) continue;
    const name = odd === "" ? key : `${key}.${odd}`;
    throw new RecipeError(`The recipe sets "${name}", which comes from the model that it goes on from`, {
      hint: `Leave ${name} out, or leave "from" out and train a new model.`,
    });
  }
}
