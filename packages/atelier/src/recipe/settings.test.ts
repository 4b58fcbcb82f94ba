/** The page about recipes lists every recipe and every setting, with the default that the schema gives it. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pictureFamilySchemas } from "./picture-schema.js";
import { familyNames, readRecipe, recipeJsonSchema, resolveRecipe, settingNames } from "./resolve.js";

const folder = new URL("../../../../recipes/", import.meta.url);
const page = await readFile(new URL("README.md", folder), "utf8");

const [textPart, picturePart] = page.split("## Settings of pictures") as [string, string];

/** The cells of every table row that begins with code: `setting` → the default's cell. */
const rowsOf = (part: string): ReadonlyMap<string, string> =>
  new Map([...part.matchAll(/^\| `([\w.]+)` \| ([^|]+) \| [^|]+ \|$/gm)].map(([, name, cell]) => [name!, cell!]));

type Leaf = readonly [path: string, value: unknown];

function leaves(value: unknown, path = ""): Leaf[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}

/** Recipes of every kind that a part can have; the first of a family has nothing but defaults. */
const textKinds: readonly object[] = [
  {},
  ...["bpe", "code"].map((kind) => ({ codec: { kind } })),
  { curation: {} },
  ...["adamw", "sgd"].map((kind) => ({ training: { optimiser: { kind } } })),
  ...["constant", "cosine"].map((kind) => ({ training: { schedule: { kind } } })),
];
/** Of families that have others than networks of two kinds. */
const modelKinds: Readonly<Record<string, readonly object[]>> = {
  vq: [],
  upscaler: [],
  gan: [
    ...["convolutional", "mlp"].map((kind) => ({ generator: { kind } })),
    ...["residual", "mlp"].map((kind) => ({ discriminator: { kind } })),
    ...["non-saturating", "wasserstein"].map((kind) => ({ loss: { kind } })),
    { augmentation: {} },
  ],
  diffusion: [
    { backbone: { kind: "diffusion-transformer" } },
    { captions: {} },
    ...["linear", "cosine", "uniform-time"].map((kind) => ({ noise: { kind } })),
    ...["epsilon", "edm", "min-snr"].map((kind) => ({ weighting: { kind } })),
  ],
};
const pictureFamilies = familyNames().filter((family) => family in pictureFamilySchemas);
const pictureKinds: readonly object[] = pictureFamilies.flatMap((family) => [
  { family },
  { family, curation: {}, training: { augmentation: {} } },
  ...(modelKinds[family] ?? [{ network: { kind: "mlp" } }]).map((model) => ({ family, model })),
  ...["muon", "sgd"].map((kind) => ({ family, training: { optimiser: { kind } } })),
  ...["stable-decay", "cosine"].map((kind) => ({ family, training: { schedule: { kind } } })),
]);

type Defaults = ReadonlyMap<string, ReadonlySet<string>>;

/** What each setting is where nobody sets it, over all kinds. */
function defaultsOf(kinds: readonly object[]): Defaults {
  const found = new Map<string, Set<string>>();
  for (const part of kinds) {
    const asked = new Set(leaves(part).map(([path]) => path));
    for (const [path, value] of leaves(resolveRecipe({ data: "text.txt", ...part }))) {
      if (path === "data" || (path.endsWith(".kind") && asked.has(path))) continue;
      if (path === "family" && asked.has(path)) continue;
      found.set(path, (found.get(path) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  return found;
}

/** A part with kinds is listed by its own settings. */
const single = (names: readonly string[]): string[] =>
  names.filter((name) => !names.some((other) => other.startsWith(`${name}.`)));

const texts = { rows: rowsOf(textPart), names: single(settingNames("gpt")), defaults: defaultsOf(textKinds) };
const pictureDefaults = defaultsOf(pictureKinds);
const pictures = {
  rows: rowsOf(picturePart),
  // Those that texts do not have, or have with other defaults.
  names: single([...new Set(pictureFamilies.flatMap(settingNames))])
    .filter((name) => name !== "family")
    .filter((name) => !texts.names.includes(name) || listed(texts.defaults, name) !== listed(pictureDefaults, name))
    .sort(),
  defaults: pictureDefaults,
};

function listed(defaults: Defaults, name: string): string {
  return [...(defaults.get(name) ?? [])].sort().join();
}

describe.each([
  ["texts", texts],
  ["pictures", pictures],
] as const)("recipes/README.md on %s", (_, { rows, names, defaults }) => {
  it("names every setting", () => {
    expect([...rows.keys()].sort()).toEqual(names);
  });

  it("gives each its defaults", () => {
    for (const [name, cell] of rows) {
      const given = [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => JSON.stringify(JSON.parse(text!)));
      expect([name, ...given.sort()]).toEqual([name, ...[...(defaults.get(name) ?? [])].sort()]);
    }
  });
});

describe("recipes/README.md", () => {
  it("lists every recipe, and each is one", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.endsWith(".schema.json"));
    expect([...page.matchAll(/^\| \[`([\w-]+\.json)`\]/gm)].map(([, name]) => name).sort()).toEqual(files.sort());
    for (const file of files) {
      const { family } = resolveRecipe(await readRecipe(fileURLToPath(new URL(file, folder))));
      expect(familyNames()).toContain(family);
    }
  });

  it("has the schema beside it that editors read", async () => {
    const file: unknown = JSON.parse(await readFile(new URL("recipe.schema.json", folder), "utf8"));
    expect(file).toEqual(JSON.parse(JSON.stringify(recipeJsonSchema())));
  });
});
