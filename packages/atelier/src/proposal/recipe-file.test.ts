import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { recipeText, writeRecipe } from "./recipe-file.js";

const home = mkdtempSync(join(tmpdir(), "atelier-recipe-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("recipe files", () => {
  it("read well, and back", () => {
    const recipe = { data: ["a.txt", "b"], codec: { kind: "bpe" }, training: { steps: 8, schedule: { decay: 0.9 } } };
    const text = recipeText(recipe);
    expect(text).toBe(
      [
        "{",
        '  "data": [ "a.txt", "b" ],',
        '  "codec": { "kind": "bpe" },',
        '  "training": {',
        '    "steps": 8,',
        '    "schedule": { "decay": 0.9 }',
        "  }",
        "}\n",
      ].join("\n"),
    );
    expect(JSON.parse(text)).toEqual(recipe);
  });

  it("never take the place of another", () => {
    const paths = [1, 2, 3].map((seed) => writeRecipe({ data: "a.txt", seed }, { home, name: "My notes" }));
    expect(paths.map((path) => path.slice(home.length))).toEqual([
      "/recipes/my-notes.json",
      "/recipes/my-notes-2.json",
      "/recipes/my-notes-3.json",
    ]);
    expect(JSON.parse(readFileSync(paths[0]!, "utf8"))).toEqual({ data: "a.txt", seed: 1 });
    expect(readdirSync(join(home, "recipes"))).toHaveLength(3);
    expect(() => writeRecipe({ data: "b" }, { path: paths[0]! })).toThrow("There is already a file");
  });

  it("say why they cannot be written", () => {
    writeFileSync(join(home, "file"), "");
    const inside = { path: join(home, "file", "r.json") };
    expect(() => writeRecipe({ data: "b" }, inside)).toThrow(/^cannot make the folder .*file/);
    expect(() => writeRecipe({ data: "b" }, { path: home })).toThrow("There is already");
  });
});
