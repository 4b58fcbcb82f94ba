/** A model that goes along with another: what is saved of it, that it works as it did, and what is refused. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "@atelier/engine";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { testHome } from "../library/tiny-models.test-helpers.js";
import { type LoadedPictureModel, openModel, requirePictures } from "../model/load.js";
import { type Frozen, freeze, frozenShape, parseFrozen, thaw } from "./frozen-model.js";
import { tinyPicture, tinyVae } from "./tiny-pictures.test-helpers.js";

const home = testHome();
const schema = z.strictObject(frozenShape);
let loaded: LoadedPictureModel;
let frozen: Frozen;
beforeAll(async () => {
  await tinyVae({ home, steps: 8 });
  loaded = requirePictures(await openModel(home, "vae"));
  frozen = parseFrozen(schema, JSON.parse(JSON.stringify(await freeze(loaded))), "vae");
});

it("holds the file of its weights, by their hash, and what it was trained by", () => {
  const bytes = readFileSync(join(home, "models/vae/weights.safetensors"));
  expect(Buffer.from(frozen.weights, "base64").equals(bytes)).toBe(true);
  expect(frozen.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  const { recipe, words } = thaw("vae", frozen);
  expect(recipe).toMatchObject({ family: "vae", seed: 1, validation: 0.2, training: { steps: 8 } });
  expect(words).toBe(`the vae vae (weights ${frozen.sha256.slice(0, 12)})`);
});

it("works as it did", async () => {
  const latentOf = async ({ model, state }: Pick<LoadedPictureModel, "model" | "state">) => {
    const coder = model.coder!(state, { threads: 1 });
    const latent = await coder.encode(model.codec.encode(tinyPicture("spot", 3).data));
    await coder.release();
    return latent;
  };
  const [before, after] = [await latentOf(loaded), await latentOf(thaw("vae", frozen))];
  expect(before).toHaveLength(4);
  expect(after).toEqual(before);
});

it("is refused where something is missing, altered, or of another kind", () => {
  const parse = (changes: object) => () => parseFrozen(schema, { ...frozen, ...changes }, "vae");
  expect(parse({ sha256: undefined })).toThrow(FormatError);
  expect(parse({ sha256: undefined })).toThrow("This is no saved codec of vae: sha256");
  expect(parse({ weights: "?" })).toThrow("weights");
  expect(() => parseFrozen(schema, [], "vae")).toThrow("the whole");
  const thawed = (changes: object) => () => thaw("vae", { ...frozen, ...changes });
  const altered = Buffer.from(frozen.weights, "base64");
  altered[altered.length - 1]! ^= 1;
  expect(thawed({ weights: altered.toString("base64") })).toThrow(FormatError);
  expect(thawed({ weights: altered.toString("base64") })).toThrow("the weights do not match their SHA-256");
  expect(thawed({ recipe: { family: "vae" } })).toThrow("The vae's recipe in the saved codec cannot be read");
  expect(thawed({ recipe: { data: "a.txt" } })).toThrow("one for texts");
  expect(thawed({ configuration: {} })).toThrow("the configuration is not that of a vae");
});
