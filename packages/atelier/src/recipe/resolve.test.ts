import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { override, put, RecipeError, readRecipe, recipeJsonSchema, resolveRecipe, settingNames } from "./resolve.js";

/** The error of a recipe that cannot be. */
function refusal(recipe: unknown): RecipeError {
  try {
    resolveRecipe(recipe);
  } catch (error) {
    expect(error).toBeInstanceOf(RecipeError);
    return error as RecipeError;
  }
  throw new Error(`${JSON.stringify(recipe)} was accepted`);
}

const data = "text.txt";

describe("defaults", () => {
  it("make a recipe of the name of the data alone", () => {
    expect(resolveRecipe({ data })).toEqual({
      data,
      validation: 0.1,
      codec: { kind: "characters" },
      family: "gpt",
      model: { preset: "modern", layers: 4, heads: 4, width: 128, context: 128 },
      training: {
        steps: 2000,
        batch: 16,
        accumulate: 1,
        optimiser: {
          kind: "muon",
          learningRate: 0.02,
          momentum: 0.95,
          weightDecay: 0,
          embeddingRate: 0.03,
          headRate: 0.01,
          betas: [0.8, 0.95],
          epsilon: 1e-10,
        },
        schedule: { kind: "stable-decay", warmup: 0, decay: 0.5, final: 0 },
        clip: 1,
        evaluateEvery: 250,
        checkpointEvery: 250,
        fill: 0.5,
        mask: 0.15,
      },
      seed: 1,
    });
  });

  it("follow the kind of an optimiser, a schedule and a codec", () => {
    const { training, codec } = resolveRecipe({
      data,
      codec: { kind: "bpe" },
      training: { optimiser: { kind: "sgd", momentum: 0.5 }, schedule: { kind: "cosine" }, clip: null },
    });
    expect(training.optimiser).toEqual({
      kind: "sgd",
      learningRate: 0.1,
      momentum: 0.5,
      nesterov: true,
      weightDecay: 0,
    });
    expect(training.schedule).toEqual({ kind: "cosine", warmup: 100, final: 0.1 });
    expect(training.clip).toBeNull();
    expect(codec).toEqual({ kind: "bpe", vocabulary: 4096 });
  });

  it("leave a resolved recipe as it is", () => {
    const once = resolveRecipe({ data, training: { optimiser: { kind: "adamw" } } });
    expect(resolveRecipe(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });
});

describe("overrides", () => {
  it("replace one setting, however deep, and nothing else", () => {
    const recipe = { data, training: { steps: 5, optimiser: { kind: "adamw", learningRate: 1 } } };
    const changed = override(override(recipe, "training.optimiser.learningRate=0.25"), "model.width=64");
    expect(changed).toEqual({
      data,
      training: { steps: 5, optimiser: { kind: "adamw", learningRate: 0.25 } },
      model: { width: 64 },
    });
    expect(recipe.training.optimiser.learningRate).toBe(1);
  });

  it.each([
    ["a=12", 12],
    ["a=true", true],
    ["a=null", null],
    ["a=[0.9, 0.99]", [0.9, 0.99]],
    ['a={"kind": "sgd"}', { kind: "sgd" }],
    ['a="12"', "12"],
    ["a=./books/moby=dick.txt", "./books/moby=dick.txt"],
    ["a=modern", "modern"],
    ["a=", ""],
  ])("read %s", (assignment, value) => {
    expect(override({}, assignment)).toEqual({ a: value });
  });

  it.each(["training.steps", "=5", ""])("refuse %o, which sets nothing", (assignment) => {
    expect(() => override({}, assignment)).toThrow(RecipeError);
    expect(() => override({}, assignment)).toThrow("does not set anything");
  });

  it("reach a part that has kinds without naming the kind", () => {
    const recipe = resolveRecipe(override({ data }, "training.optimiser.learningRate=0.5"));
    expect(recipe.training.optimiser).toMatchObject({ kind: "muon", learningRate: 0.5 });
  });

  it("put a part where there was none", () => {
    expect(put({ model: 3 }, ["model", "layers"], 2)).toEqual({ model: { layers: 2 } });
  });
});

describe("an unknown setting", () => {
  it.each([
    [{ data, sed: 1 }, "sed", "seed"],
    [{ data, model: { layer: 2 } }, "model.layer", "model.layers"],
    [{ data, training: { stpes: 2 } }, "training.stpes", "training.steps"],
    [
      { data, training: { optimiser: { kind: "adamw", learning_rate: 1 } } },
      "training.optimiser.learning_rate",
      "training.optimiser.learningRate",
    ],
    [{ data, codec: { kind: "bpe", vocabulry: 300 } }, "codec.vocabulry", "codec.vocabulary"],
  ])("of %o is named, with the nearest", (recipe, name, nearest) => {
    const { message, hint, code } = refusal(recipe);
    expect(code).toBe("BAD_RECIPE");
    expect(message).toBe(`The recipe has an unknown setting "${name}"`);
    expect(hint).toBe(`Did you mean "${nearest}"?`);
  });

  it("that is like none gets the list", () => {
    expect(refusal({ data, zzzzzzzzzzzz: 1 }).hint).toContain("training.optimiser.learningRate");
  });

  it("of another kind is one too", () => {
    expect(refusal({ data, training: { optimiser: { kind: "adamw", nesterov: true } } }).message).toContain(
      '"training.optimiser.nesterov"',
    );
  });
});

describe("a value that cannot be", () => {
  it.each([
    [{}, "data", ""],
    [{ data: 7 }, "data", "got 7"],
    [{ data: "" }, "data", 'got ""'],
    [{ data, validation: 1 }, "validation", "got 1"],
    [{ data, seed: -1 }, "seed", "got -1"],
    [{ data, seed: 0.5 }, "seed", "got 0.5"],
    [{ data, family: "flow" }, "family", 'got "flow"'],
    [{ data, model: { width: "wide" } }, "model.width", 'got "wide"'],
    [{ data, model: { layers: 0 } }, "model.layers", "got 0"],
    [{ data, model: { norm: "batch" } }, "model.norm", 'got "batch"'],
    [{ data, model: { dropout: 1 } }, "model.dropout", "got 1"],
    [{ data, model: [] }, "model", "got []"],
    [{ data, training: { optimiser: { kind: "adam" } } }, "training.optimiser.kind", 'got "adam"'],
    [{ data, training: { optimiser: { kind: "adamw", betas: [0.9] } } }, "training.optimiser.betas", "got [0.9]"],
    [{ data, training: { optimiser: { kind: "adamw", betas: [0.9, 1] } } }, "training.optimiser.betas.1", "got 1"],
    [{ data, training: { optimiser: { kind: "sgd", momentum: 1 } } }, "training.optimiser.momentum", "got 1"],
    [{ data, training: { optimiser: { kind: "sgd", learningRate: 0 } } }, "training.optimiser.learningRate", "got 0"],
    [{ data, training: { schedule: { kind: "linear" } } }, "training.schedule.kind", 'got "linear"'],
    [{ data, training: { clip: 0 } }, "training.clip", "got 0"],
    [{ data, training: { averageDecay: 1 } }, "training.averageDecay", "got 1"],
    [{ data, codec: { kind: "bpe", vocabulary: 256 } }, "codec.vocabulary", "got 256"],
  ])("%o is named by its path", (recipe, path, got) => {
    const { message, hint } = refusal(recipe);
    expect(message).toContain(`"${path}" is not right: `);
    expect(message).toContain(got);
    expect(message).not.toContain("undefined");
    expect(hint).toContain(path);
  });

  it.each([null, 3, "text.txt", [], undefined])("%o is no recipe", (recipe) => {
    expect(refusal(recipe).message).toBe("The recipe is not a JSON object");
  });
});

describe("JSON Schema", () => {
  it("lists every setting that a resolved recipe has, and every optional one", () => {
    const names = settingNames();
    const paths = (value: unknown, path: string): string[] =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, inner]) => paths(inner, path === "" ? key : `${path}.${key}`))
        : [path];
    for (const kind of ["adamw", "sgd", "muon"])
      for (const path of paths(resolveRecipe({ data, training: { optimiser: { kind } } }), ""))
        expect(names).toContain(path);
    for (const path of ["model.keyValueHeads", "model.tiedHead", "training.averageDecay", "training.repeat"])
      expect(names).toContain(path);
  });

  it("asks for nothing but the data, and knows no setting beyond those", () => {
    const variants = z.object({ oneOf: z.array(z.looseObject({ required: z.array(z.string()) })) });
    const { oneOf } = variants.parse(recipeJsonSchema());
    expect(oneOf[0]).toMatchObject({ type: "object", required: ["data"], additionalProperties: false });
    // Without a family it is gpt: the others have to be named.
    for (const variant of oneOf.slice(1)) expect(variant.required).toEqual(["data", "family"]);
  });
});

describe("a recipe file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-recipe-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is read as it stands", async () => {
    const path = join(folder, "good.json");
    await writeFile(path, '{ "data": "x", "model": { "layers": 2 } }');
    expect(await readRecipe(path)).toEqual({ data: "x", model: { layers: 2 } });
  });

  it.each([
    ["{ data: 1 }", "is no JSON"],
    ["", "is no JSON"],
    ["[1, 2]", "is not a JSON object"],
    ["null", "is not a JSON object"],
  ])("that holds %o is refused", async (content, message) => {
    const path = join(folder, "bad.json");
    await writeFile(path, content);
    await expect(readRecipe(path)).rejects.toMatchObject({
      code: "BAD_RECIPE",
      message: expect.stringContaining(message),
    });
    await expect(readRecipe(path)).rejects.toThrow(path);
  });

  it("that is not there is named", async () => {
    await expect(readRecipe(join(folder, "none.json"))).rejects.toThrow(/none\.json cannot be read/);
  });
});
