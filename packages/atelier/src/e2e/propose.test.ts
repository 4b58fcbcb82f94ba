/** Training without a recipe: what is proposed, the question, the recipe that is written, and that it makes the same model again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { commandEntries } from "../cli/commands/index.js";
import { runCommandLine } from "../cli/shell.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { atelier, atelierJson, outcome, refused, sampleText, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");
const notes = join(folder, "notes");

beforeAll(() => {
  mkdirSync(notes);
  for (let i = 0; i < 25; i++) writeFileSync(join(notes, `${i}.txt`), sampleText(1200, i + 1));
});

const small = ["--steps", "8", "--set", "model.layers=1", "--set", "model.width=32"];

describe("train without a recipe", () => {
  it("says what it proposes, writes the recipe down, and that trains to the same bits", async () => {
    const { code, stdout, stderr } = await atelier(["train", notes, "--yes", "--name", "first", ...small], { home });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("notes: 30,000 characters in 25 documents");
    expect(stdout).toMatch(/^codec +characters, .* 30,000 characters are too few/m);
    expect(stdout).toMatch(/^curation +copies out/m);
    expect(stdout).toMatch(/^success +bits per byte/m);
    const path = join(home, "recipes", "first.json");
    expect(stdout).toContain("first.json");
    expect(resolveRecipe(JSON.parse(readFileSync(path, "utf8")))).toMatchObject({
      data: notes,
      curation: { exact: true, near: 0.8 },
      model: { layers: 1, width: 32, heads: 1 },
      training: { steps: 8 },
    });
    const again = await atelier(["train", path, "--name", "again"], { home });
    expect(again.code, again.stderr).toBe(0);
    expect(outcome(home, "again")).toEqual(outcome(home, "first"));
  });

  it("within a time writes the steps that were made", async () => {
    const recipe = join(folder, "timed.json");
    const timed = [
      "train",
      join(notes, "1.txt"),
      join(notes, "2.txt"),
      "--yes",
      "--minutes",
      "0.05",
      "--name",
      "timed",
    ];
    const document = await atelierJson([...timed, "--recipe-out", recipe, ...small.slice(2)], { home });
    expect(document.recipe).toBe(recipe);
    expect(JSON.parse(readFileSync(recipe, "utf8"))).toMatchObject({
      data: [join(notes, "1.txt"), join(notes, "2.txt")],
      training: { steps: document.steps },
    });
    const second = [...timed, "--recipe-out", recipe];
    await refused(second, { home }, { code: "UNWRITABLE", says: /already a file .*timed\.json/ });
  });

  it("goes on from a model on other texts", async () => {
    const further = ["train", join(notes, "3.txt"), "--from", "first", "--steps", "8", "--yes", "--name", "further"];
    const document = await atelierJson(further, { home });
    expect(document).toMatchObject({ status: "finished", steps: 8 });
    const recipe = JSON.parse(readFileSync(document.recipe as string, "utf8")) as Record<string, unknown>;
    expect(recipe).toMatchObject({ from: "first", training: { optimiser: { learningRate: 0.003 } } });
    expect(Object.keys(recipe)).not.toContain("codec");
  });

  it("needs somebody to ask, or --yes", async () => {
    const hint = /add --yes/;
    await refused(["train", notes], { home }, { code: "USAGE", says: /nobody can answer/, hint, exit: 2, json: false });
    const under = await atelier(["train", notes, "--json"], { home });
    expect([under.code, JSON.parse(under.stdout)]).toMatchObject([2, { error: { code: "USAGE" } }]);
  });
});

describe("the question", () => {
  /** In this process, at a terminal on which somebody types. */
  async function typed(answer: string, at: string) {
    const printed = { stdout: "", stderr: "" };
    const stream = (name: keyof typeof printed) =>
      Object.assign(new PassThrough(), {
        write: (text: string) => {
          printed[name] += text;
          return true;
        },
      });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.write(answer);
    const code = await runCommandLine(
      ["train", notes, "--threads", "1", "--name", "asked", ...small],
      {
        stdout: stream("stdout"),
        stderr: stream("stderr"),
        stdin,
        environment: { ATELIER_HOME: at },
        signal: new AbortController().signal,
      },
      commandEntries,
    );
    return { code, ...printed };
  }

  it("answered with no leaves nothing behind", async () => {
    const nowhere = join(folder, "nowhere");
    const { code, stdout, stderr } = await typed("n\n", nowhere);
    expect(stdout).toContain("30,000 characters");
    expect(stderr).toContain("Train this? [Y/n]");
    expect([code, existsSync(nowhere)]).toEqual([130, false]);
  });

  it("means yes by Enter alone", async () => {
    const there = join(folder, "there");
    const { code, stderr } = await typed("\n", there);
    expect(code, stderr).toBe(0);
    expect(readdirSync(join(there, "models"))).toEqual(["asked"]);
    expect(readdirSync(join(there, "recipes"))).toEqual(["asked.json"]);
  });
});
