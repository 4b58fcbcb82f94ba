/** generate, fill, embed, score, reproduce and export as command lines: what they print, write and refuse. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { code, masked, saveTiny, testHome } from "../../library/tiny-models.test-helpers.js";
import { type Ended, inProcess } from "./in-process.test-helpers.js";

const home = testHome();
const path = (name: string): string => join(home, name);
beforeAll(async () => {
  await saveTiny(home, "writer");
  await saveTiny(home, "hidden", { family: "bert", codec: masked });
  await saveTiny(home, "coder", { codec: code, context: 48 });
  writeFileSync(path("lines.txt"), "abc\n\nh g f\ncab\n");
  writeFileSync(path("sum.ts"), "const a = b(c);\nreturn ;\n");
  writeFileSync(path("schema.json"), '{"type": "array", "items": {"type": "integer"}, "maxItems": 3}');
  writeFileSync(path("contradiction.json"), '{"type": "integer", "minimum": 3, "maximum": 2}');
  writeFileSync(path("ab.ebnf"), 'root ::= "a" "b"+');
});

const atelier = (...args: string[]): Promise<Ended> =>
  inProcess(args[0] === "export" ? args : [...args, "--threads", "1"], { home });

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code: exit, stdout, stderr } = await atelier(...args, "--json");
  expect([exit, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("generate", () => {
  const base = ["generate", "writer", "--prompt", "abc", "--tokens", "20"];

  it("prints the text alone, and the seed as a remark where it was not chosen", async () => {
    const drawn = await atelier(...base);
    const seed = /^seed (\d+)\n$/.exec(drawn.stderr)![1]!;
    const again = await atelier(...base, "--seed", seed);
    expect(again).toEqual({ code: 0, stdout: drawn.stdout, stderr: "" });
    expect(again.stdout).toHaveLength(3 + 20 + 1);
    expect((await atelier(...base, "--temperature", "0", "--no-echo")).stdout).toHaveLength(21);
  });

  it("prints several under headings", async () => {
    const { stdout } = await atelier(...base, "-n", "3", "--seed", "1");
    expect(stdout.match(/^─── [123] of 3\nabc/gm)).toHaveLength(3);
  });

  it("passes on every setting, and keeps it in the provenance", async () => {
    const settings =
      "--top-k 9 --top-p 0.9 --min-p 0.01 --repetition-penalty 1.3 --repetition-window 8 --seed 4 --no-stop-at-end";
    const document = await json(
      ...base,
      ...settings.split(" "),
      "--stop",
      "zz",
      "--stop",
      "yy",
      "--log-probabilities",
      "2",
    );
    expect(document.provenance).toMatchObject({
      seed: 4,
      request: {
        prompts: ["abc"],
        tokens: 20,
        temperature: 0.8,
        topK: 9,
        topP: 0.9,
        minP: 0.01,
        repetitionPenalty: 1.3,
        repetitionWindow: 8,
        stop: ["zz", "yy"],
        stopAtEnd: false,
        logProbabilities: 2,
      },
    });
    const [row] = document.generated as { readonly pieces: { readonly alternatives?: unknown[] }[] }[];
    expect(row!.pieces[0]!.alternatives).toHaveLength(2);
  });

  it.each([
    [["--json-schema", path("schema.json")], /^\[(-?\d+(,-?\d+){0,2})?\]\n$/],
    [["--regex", "[a-c]{2}:\\d"], /^[a-c]{2}:\d\n$/],
    [["--grammar", path("ab.ebnf")], /^ab+\n$/],
  ])("keeps to a grammar: %j", async (grammar, valid) => {
    const { stdout } = await atelier(...base, "--no-echo", ...grammar, "--seed", "1");
    expect(stdout).toMatch(valid);
  });

  it("writes a file that reproduce makes again, and finds changed", async () => {
    const out = path("out.txt");
    const { stdout } = await atelier(...base, "--seed", "2", "--out", out);
    expect(stdout).toContain(`${out}.provenance.json`);
    expect(await atelier("reproduce", out)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The same, bit for bit: made with writer from seed 2/),
    });
    expect(await json("reproduce", out)).toMatchObject({ equal: true, model: "writer" });
    writeFileSync(path("document.json"), JSON.stringify(await json(...base, "--seed", "2")));
    expect((await atelier("reproduce", path("document.json"))).code).toBe(0);
    writeFileSync(out, `${readFileSync(out, "utf8")}!`);
    const changed = await atelier("reproduce", out);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(
      /^error: .*out\.txt: the file was changed .*"!" there, "" now\n {2}hint: .*as they were\.\n$/,
    );
  });
});

describe("fill", () => {
  it("lists the likeliest tokens of each gap", async () => {
    const { stdout } = await atelier("fill", "hidden", "ab<blank>de<blank>");
    expect(stdout.match(/^ +[12] .* % {2}"."$/gm)).toHaveLength(10);
    expect(stdout).toMatch(/\nab.de.\n$/);
    const { gaps } = (await json("fill", "hidden", "ab<blank>", "-n", "9")) as { gaps: { logProbability: number }[][] };
    // All there are, but for the mask: their probabilities add up.
    expect(gaps[0]!.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 5);
  });

  it("writes what stands at a place of a file", async () => {
    const at = ["fill", "coder", "--file", path("sum.ts"), "--at", "2:8", "--tokens", "6"];
    const { generated, gaps } = (await json(...at)) as { generated: { text: string }[]; gaps: { text: string }[][] };
    expect(generated[0]!.text).toBe(`const a = b(c);\nreturn ${gaps[0]![0]!.text};\n`);
    const around = ["--prefix", "const a = b(c);\nreturn ", "--suffix", ";\n", "--tokens", "6", "--no-echo"];
    expect((await atelier("fill", "coder", ...around)).stdout.trimEnd()).toBe(gaps[0]![0]!.text.trimEnd());
  });
});

describe("embed and score", () => {
  it("print a line for each text", async () => {
    const { stdout } = await atelier("embed", "hidden", "--file", path("lines.txt"));
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { text: string; vector: number[] });
    expect(lines.map(({ text }) => text)).toEqual(["abc", "h g f", "cab"]);
    for (const { vector } of lines) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    const { nearest } = await json("embed", "hidden", "--file", path("lines.txt"), "--nearest", "abc", "-n", "2");
    expect(nearest).toEqual([{ similarity: expect.closeTo(1), text: "abc" }, expect.anything()]);
  });

  it("give the figures of each text", async () => {
    const { scored } = (await json("score", "writer", "abcd", "dcba")) as { scored: Record<string, number>[] };
    for (const { nats, tokens, bitsPerByte } of scored) {
      expect(tokens).toBe(3);
      expect(bitsPerByte).toBeCloseTo(nats! / Math.LN2 / 3, 10);
    }
    expect((await atelier("score", "hidden", "abcd")).stdout).toMatch(
      /^bits per byte +nats +tokens +text\n.* 4 +abcd\n$/,
    );
  });
});

it("export writes a file", async () => {
  const { code: exit, stdout } = await atelier("export", "writer", "--format", "onnx", "--out", path("writer.onnx"));
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/writer\.onnx: \d+(\.\d)? kB\n$/)]);
  expect(existsSync(path("writer.onnx"))).toBe(true);
});

describe("refusals are one line with a hint", () => {
  it.each<[string, string[], RegExp, number]>([
    ["no such model", ["generate", "wrter"], /no model "wrter".*mean writer/, 1],
    ["a bert asked to generate", ["generate", "hidden"], /hidden cannot generate text.*It can fill gaps/, 1],
    [
      "a gpt without the tokens for it asked to fill",
      ["fill", "writer", "a<blank>"],
      /cannot fill gaps.*It can generate/,
      1,
    ],
    ["a gpt asked for vectors", ["embed", "writer", "a"], /cannot turn texts into vectors/, 1],
    ["unknown characters", ["generate", "writer", "--prompt", "a☃"], /☃.*offset 1.*vocabulary/, 1],
    ["a contradictory schema", ["generate", "writer", "--json-schema", path("contradiction.json")], /./, 1],
    ["a grammar of other characters", ["generate", "writer", "--regex", "XYZ"], /"X", "Y", "Z"/, 1],
    ["two grammars", ["generate", "writer", "--regex", "a", "--json-schema", "b"], /exclude each other/, 2],
    ["two prompts", ["generate", "writer", "--prompt", "a", "--prompt-file", "b"], /exclude each other/, 2],
    ["a grammar that is not there", ["generate", "writer", "--grammar", path("none")], /grammar .* cannot be read/, 2],
    ["no gap", ["fill", "hidden"], /no text to fill/, 2],
    ["a gap given twice", ["fill", "hidden", "a<blank>", "--prefix", "a"], /more than one way/, 2],
    ["a place that is none", ["fill", "coder", "--file", path("sum.ts"), "--at", "2:10"], /2:10.*columns 1 to 9/, 2],
    ["a line that is not there", ["fill", "coder", "--file", path("sum.ts"), "--at", "9:1"], /9:1.*has 3 lines/, 2],
    ["no texts", ["score", "writer"], /no text/, 2],
    ["an output without provenance", ["reproduce", path("lines.txt")], /nothing of what made it.*--out FILE/, 1],
    ["an export without a place", ["export", "writer", "--format", "onnx"], /--out is missing/, 2],
  ])("%s", async (_, args, says, exit) => {
    const { code: got, stdout, stderr } = await atelier(...args);
    expect(stderr).toMatch(/^error: [^\n]+\n {2}hint: [^\n]+\n$/);
    expect(stderr.replace("\n", " ")).toMatch(says);
    expect([got, stdout]).toEqual([exit, ""]);
  });
});
