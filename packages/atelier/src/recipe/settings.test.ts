/** The page about recipes lists every recipe and every setting, with the default that the schema gives it. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readRecipe, recipeJsonSchema, resolveRecipe, settingNames } from "./resolve.js";

const folder = new URL("../../../../recipes/", import.meta.url);
const page = await readFile(new URL("README.md", folder), "utf8");

/** The cells of every table row that begins with code: `setting` → the default's cell. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w.]+)` \| ([^|]+) \| [^|]+ \|$/gm)].map(([, name, cell]) => [name!, cell!]),
);

type Leaf = readonly [path: string, value: unknown];

function leaves(value: unknown, path = ""): Leaf[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}

/** A recipe of every kind that a part can have; the first has nothing but defaults. */
const kinds: readonly object[] = [
  {},
  ...["bpe", "code"].map((kind) => ({ codec: { kind } })),
  { curation: {} },
  ...["adamw", "sgd"].map((kind) => ({ training: { optimiser: { kind } } })),
  ...["constant", "cosine"].map((kind) => ({ training: { schedule: { kind } } })),
];

/** What each setting is where nobody sets it, over all kinds. */
function defaults(): Map<string, Set<unknown>> {
  const found = new Map<string, Set<unknown>>();
  for (const [i, part] of kinds.entries()) {
    for (const [path, value] of leaves(resolveRecipe({ data: "text.txt", ...part }))) {
      if (path === "data" || (i > 0 && path.endsWith(".kind"))) continue;
      found.set(path, (found.get(path) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  return found;
}

describe("recipes/README.md", () => {
  it("names every setting", () => {
    const names = settingNames();
    // A part with kinds is listed by its own settings.
    const single = names.filter((name) => !names.some((other) => other.startsWith(`${name}.`)));
    expect([...rows.keys()].sort()).toEqual(single);
  });

  it("gives each its defaults", () => {
    const expected = defaults();
    for (const [name, cell] of rows) {
      const given = [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => JSON.stringify(JSON.parse(text!)));
      expect([name, ...given.sort()]).toEqual([name, ...[...(expected.get(name) ?? [])].sort()]);
    }
  });

  it("lists every recipe, and each is one", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.endsWith(".schema.json"));
    expect([...page.matchAll(/^\| \[`([\w-]+\.json)`\]/gm)].map(([, name]) => name).sort()).toEqual(files.sort());
    for (const file of files)
      expect(resolveRecipe(await readRecipe(fileURLToPath(new URL(file, folder)))).family).toBe("gpt");
  });

  it("has the schema beside it that editors read", async () => {
    const file: unknown = JSON.parse(await readFile(new URL("recipe.schema.json", folder), "utf8"));
    expect(file).toEqual(JSON.parse(JSON.stringify(recipeJsonSchema())));
  });
});
