/** The library on models of random weights, against the whole network run in the plainest way. */
import { compile, type HostTensor, hostTensor, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { bertHidden, bertLogits, gptLogits } from "@atelier/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireText } from "../model/load.js";
import { embed, nearestTo } from "./embed.js";
import { fill } from "./fill.js";
import { complete, generate, type Piece } from "./generate.js";
import { load, type Model } from "./model.js";
import { score } from "./score.js";
import { code, letters, lettersWithEnd, masked, saveTiny, testHome } from "./tiny-models.test-helpers.js";

const home = testHome();
let writer: Model;
let ended: Model;
let hidden: Model;
let coder: Model;
beforeAll(async () => {
  await saveTiny(home, "writer");
  await saveTiny(home, "ended", { codec: lettersWithEnd });
  await saveTiny(home, "hidden", { family: "bert", codec: masked });
  await saveTiny(home, "coder", { codec: code, context: 48 });
  const open = (name: string): Promise<Model> => load(name, { home, threads: 1 });
  [writer, ended, hidden, coder] = await Promise.all([open("writer"), open("ended"), open("hidden"), open("coder")]);
});
afterAll(() => Promise.all([writer, ended, hidden, coder].map((model) => model.release())));

/** What a network says of tokens, without padding, batches or caches: a row of numbers for each. */
async function plainly(
  { loaded }: Model,
  ids: readonly number[],
  network: "gpt" | "bert" | "hidden",
): Promise<number[][]> {
  const { model, weights } = requireText(loaded);
  const c = model.configuration;
  const networks = { gpt: gptLogits, bert: bertLogits, hidden: bertHidden };
  const run = compile(({ params, tokens }: { params: TreeRecord<Tensor>; tokens: Tensor }) => ({
    out: networks[network](Scope.over({ params }), c, tokens),
  }));
  const { out } = await run({ params: weights, tokens: hostTensor(Int32Array.from(ids), [1, ids.length]) });
  await run.release();
  const width = out.data.length / ids.length;
  return ids.map((_, i) => [...(out as HostTensor).data.slice(i * width, (i + 1) * width)]);
}

const logSoftmax = (logits: readonly number[]): number[] => {
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.map((logit) => logit - total);
};

describe("generate", () => {
  it("yields the pieces of what it returns, the same for the same seed", async () => {
    const request = { prompt: "abc", tokens: 30, samples: 3, seed: 5, temperature: 1 };
    const pieces: Piece[] = [];
    const iterator = generate(writer, request);
    let next = await iterator.next();
    for (; next.done !== true; next = await iterator.next()) pieces.push(next.value);
    const { rows, provenance } = next.value;
    for (const [row, { text, tokens, finish, prompt }] of rows.entries()) {
      const own = pieces.filter((piece) => piece.row === row);
      expect([own.map((piece) => piece.text).join(""), own.length, own.at(-1)!.finish]).toEqual([text, 31, finish]);
      expect([tokens, finish, prompt, text.length]).toEqual([30, "length", "abc", 30]);
    }
    expect(new Set(rows.map(({ text }) => text)).size).toBe(3);
    expect((await complete(writer, request)).rows).toEqual(rows);
    expect((await complete(writer, { ...request, seed: 6 })).rows).not.toEqual(rows);
    expect(provenance).toMatchObject({
      digitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
      model: { name: "writer", weights: writer.loaded.record.weights.sha256 },
      request: {
        task: "generate",
        prompts: ["abc"],
        samples: 3,
        tokens: 30,
        temperature: 1,
        stop: [],
        stopAtEnd: true,
      },
      seed: 5,
      device: "cpu",
      threads: 1,
      batch: 3,
      weights: "float32",
      versions: { node: process.versions.node },
    });
  });

  it("continues several prompts", async () => {
    const { rows } = await complete(writer, { prompts: ["ab", "h,"], samples: 2, tokens: 8, temperature: 0 });
    expect(rows.map(({ prompt }) => prompt)).toEqual(["ab", "ab", "h,", "h,"]);
    const [alone] = (await complete(writer, { prompt: "h,", tokens: 8, temperature: 0 })).rows;
    expect(rows[2]!.text).toBe(alone!.text);
    expect(rows[3]!.text).toBe(alone!.text);
  });

  it("gives log-probabilities of the model's own distribution", async () => {
    const request = { prompt: "abc", tokens: 1, temperature: 0.3, seed: 1, logProbabilities: 4 };
    const [piece] = (await complete(writer, request)).rows[0]!.pieces!;
    const own = logSoftmax((await plainly(writer, [...letters.encode("abc")], "gpt")).at(-1)!);
    expect(piece!.logProbability).toBeCloseTo(own[piece!.token!]!, 4);
    const best = [...own].sort((a, b) => b - a).slice(0, 4);
    piece!.alternatives!.forEach(({ token, text, logProbability }, i) => {
      expect(logProbability).toBeCloseTo(best[i]!, 4);
      expect(letters.decode([token])).toBe(text);
    });
  });

  it("ends at stop strings, and at the end of a document unless told otherwise", async () => {
    const free = (await complete(writer, { prompt: "a", tokens: 200, seed: 3, temperature: 1 })).rows[0]!.text;
    const stop = free.slice(60, 63);
    const [row] = (await complete(writer, { prompt: "a", tokens: 200, seed: 3, temperature: 1, stop: [stop] })).rows;
    expect(row).toMatchObject({ text: free.slice(0, free.indexOf(stop)), finish: "stop" });
    const request = { samples: 16, tokens: 60, seed: 2, temperature: 1.5 };
    const { rows } = await complete(ended, request);
    expect(rows[0]!.prompt).toBe("");
    expect(rows.map(({ finish }) => finish)).toContain("stop");
    const on = await complete(ended, { ...request, stopAtEnd: false });
    expect(on.rows.map(({ finish, text }) => [finish, text.includes("<|")])).toEqual(Array(16).fill(["length", false]));
  });

  it("writes no special token of code", async () => {
    const { rows } = await complete(coder, { samples: 32, tokens: 40, temperature: 3, seed: 1, stopAtEnd: false });
    expect(rows.filter(({ text }) => text.includes("<|"))).toEqual([]);
  });

  it("stops when it is told to, and cannot be used after its release", async () => {
    const stop = new AbortController();
    const iterator = generate(writer, { prompt: "a", tokens: 1000 }, { signal: stop.signal });
    await iterator.next();
    stop.abort();
    await expect(iterator.next()).rejects.toMatchObject({ name: "AbortError" });
    const model = await load("writer", { home });
    await model.release();
    await expect(complete(model, { prompt: "a" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it.each([
    ["two kinds of prompt", { prompt: "a", prompts: ["b"] }, "INVALID_ARGUMENT"],
    ["an empty prompt where nothing marks beginnings", { prompt: "" }, "INVALID_ARGUMENT"],
    ["a character that the codec lacks", { prompt: "a☃" }, "UNKNOWN_CHARACTER"],
    ["half a seed", { seed: 0.5 }, "INVALID_ARGUMENT"],
    ["half a sample", { samples: 0.5 }, "INVALID_ARGUMENT"],
    ["stop strings and a grammar", { stop: ["a"], grammar: { regex: "a" } }, "INVALID_ARGUMENT"],
    [
      "a schema that contradicts itself",
      { grammar: { jsonSchema: { type: "string", enum: [1] } } },
      "UNSATISFIABLE_GRAMMAR",
    ],
    ["a pattern that cannot be read", { grammar: { regex: "(" } }, "BAD_GRAMMAR"],
    ["a grammar of other characters", { grammar: { ebnf: 'root ::= "XYZ"' } }, "UNSATISFIABLE_GRAMMAR"],
    ["a grammar that needs more tokens", { tokens: 3, grammar: { regex: "[ab]{4}" } }, "UNSATISFIABLE_GRAMMAR"],
  ])("refuses %s", async (_, request, expected) => {
    await expect(complete(writer, request)).rejects.toMatchObject({ code: expected });
  });
});

describe("grammars", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "array", items: { enum: ["c", "d"] } } },
    required: ["a", "b"],
  };

  it.each([14, 15, 40])("write valid JSON with %d tokens at most", async (tokens) => {
    for (const model of [writer, ended]) {
      const request = { prompt: "a", samples: 12, tokens, temperature: 2, seed: 4, grammar: { jsonSchema: schema } };
      for (const { text, tokens: made } of (await complete(model, request)).rows) {
        const { a, b } = JSON.parse(text) as { a: unknown; b: unknown[] };
        expect(Number.isInteger(a)).toBe(true);
        expect(b.every((item) => item === "c" || item === "d")).toBe(true);
        expect(made).toBeLessThanOrEqual(tokens);
      }
    }
  });

  it("match expressions, and end where nothing more can follow", async () => {
    const { rows } = await complete(writer, {
      samples: 12,
      tokens: 50,
      seed: 1,
      grammar: { regex: "[a-d]{3}(:\\d+,){2}h" },
    });
    for (const { text, finish } of rows) {
      expect(text).toMatch(/^[a-d]{3}(:\d+,){2}h$/);
      expect(finish).toBe("rule");
    }
    const balanced = { ebnf: 'root ::= "[" root* "]"' };
    for (const { text } of (await complete(coder, { samples: 8, tokens: 9, seed: 1, grammar: balanced })).rows) {
      expect(() => JSON.parse(text.replaceAll("][", "],["))).not.toThrow();
    }
  });
});

describe("score", () => {
  it("is the sum over a text of what each token costs after those before it", async () => {
    const text = "abcd efgh";
    const ids = [...lettersWithEnd.encode(text)];
    const end = lettersWithEnd.spec.specials["<|endoftext|>"]!;
    const rows = await plainly(ended, [end, ...ids], "gpt");
    const nats = ids.reduce((sum, id, i) => sum - logSoftmax(rows[i]!)[id]!, 0);
    const [whole, first] = await score(ended, [text, "a"]);
    expect(whole).toMatchObject({ measure: "log-likelihood", tokens: 9 });
    expect(whole!.nats).toBeCloseTo(nats, 3);
    expect(whole!.bitsPerByte).toBeCloseTo(nats / Math.LN2 / 9, 3);
    expect(first!.nats).toBeCloseTo(-logSoftmax(rows[0]!)[ids[0]!]!, 3);
    // Without a mark at the beginning, the first token is only read.
    expect((await score(writer, [text]))[0]!.tokens).toBe(8);
    await expect(score(writer, ["a"])).rejects.toMatchObject({ code: "TEXT_TOO_SHORT" });
  });

  it("of a masked model is what each token costs when it alone is hidden", async () => {
    const text = "abcd efgh";
    const ids = [...masked.encode(text)];
    const mask = masked.spec.vocabulary - 1;
    let nats = 0;
    for (let i = 0; i < ids.length; i++) {
      const rows = await plainly(hidden, ids.with(i, mask), "bert");
      nats -= logSoftmax(rows[i]!)[ids[i]!]!;
    }
    const [own] = await score(hidden, [text]);
    expect(own).toMatchObject({ measure: "pseudo-log-likelihood", tokens: 9 });
    expect(own!.nats).toBeCloseTo(nats, 3);
    // Longer than the context: in windows of 24 tokens.
    const long = "abcdefgh".repeat(4);
    const [all, one, other] = await score(hidden, [long, long.slice(0, 24), long.slice(24)]);
    expect(all!.nats).toBeCloseTo(one!.nats + other!.nats, 4);
  });
});

describe("fill", () => {
  it("lists what a masked model takes for likeliest in each gap", async () => {
    const { gaps, text, provenance } = await fill(hidden, { text: "ab<blank>d e<blank>g", choices: 3 });
    const mask = masked.spec.vocabulary - 1;
    const rows = await plainly(
      hidden,
      [...masked.encode("ab"), mask, ...masked.encode("d e"), mask, ...masked.encode("g")],
      "bert",
    );
    for (const [gap, place] of [2, 6].entries()) {
      // The mask itself is no filling.
      const own = logSoftmax(rows[place]!.slice(0, mask));
      const best = own.map((value, id) => ({ value, id })).sort((a, b) => b.value - a.value);
      for (const [i, filling] of gaps[gap]!.entries()) {
        expect(filling.text).toBe(masked.decode([best[i]!.id]));
        expect(filling.logProbability).toBeCloseTo(best[i]!.value, 4);
      }
      expect(gaps[gap]).toHaveLength(3);
    }
    expect(text).toBe(`ab${gaps[0]![0]!.text}d e${gaps[1]![0]!.text}g`);
    expect(provenance.request).toMatchObject({ task: "fill", parts: ["ab", "d e", "g"], choices: 3 });
  });

  it("writes the middle of code, the likelier first", async () => {
    const request = { prefix: "const a = ", suffix: ";\n", choices: 4, seed: 2, tokens: 6, temperature: 1 };
    const { gaps, text } = await fill(coder, request);
    const costs = gaps[0]!.map(({ logProbability }) => logProbability);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(text).toBe(`const a = ${gaps[0]![0]!.text};\n`);
    expect((await fill(coder, request)).gaps).toEqual(gaps);
    expect(gaps[0]!.some((filling) => filling.text.includes("<|"))).toBe(false);
  });

  it.each([
    ["a text without a gap", () => hidden, { text: "ab" }, /no gap/],
    ["a text longer than the context", () => hidden, { text: `<blank>${"a".repeat(40)}` }, /41 tokens.*reads 24/],
    ["two gaps at once in code", () => coder, { text: "a<blank>b<blank>c" }, /one gap at a time.*has 2/],
    ["a filling as long as the context", () => coder, { text: "a<blank>b", tokens: 48 }, /no room/],
  ])("refuses %s", async (_, model, request, message) => {
    await expect(fill(model(), request)).rejects.toThrow(message);
  });
});

describe("embed", () => {
  it("is the mean of the hidden states, with length 1", async () => {
    const texts = ["abc", "h g f e d c b a", "a"];
    const vectors = await embed(hidden, texts);
    for (const [i, text] of texts.entries()) {
      const states = await plainly(hidden, [...masked.encode(text)], "hidden");
      const sum = states[0]!.map((_, j) => states.reduce((all, state) => all + state[j]!, 0));
      const norm = Math.hypot(...sum);
      vectors[i]!.forEach((value, j) => {
        expect(value).toBeCloseTo(sum[j]! / norm, 4);
      });
    }
    await expect(embed(hidden, ["a", ""])).rejects.toThrow("Text 2 is empty");
  });

  it("weighs the windows of a long text by their tokens", async () => {
    const long = `${"abcdefgh".repeat(3)}aab`;
    const [all, first, last] = await embed(hidden, [long, long.slice(0, 24), long.slice(24)]);
    const mixed = [...first!].map((value, i) => 24 * value + 3 * last![i]!);
    const norm = Math.hypot(...mixed);
    all!.forEach((value, i) => {
      expect(value).toBeCloseTo(mixed[i]! / norm, 5);
    });
  });

  it("finds the nearest", () => {
    const vectors = [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(0.6, 0.8)];
    const found = nearestTo(Float32Array.of(0, 1), vectors);
    expect(found.map(({ index }) => index)).toEqual([1, 2, 0]);
    expect(found.map(({ similarity }) => similarity)).toEqual([1, expect.closeTo(0.8), 0]);
  });
});

describe("what a model cannot do", () => {
  it.each([
    [
      "generate",
      () => complete(hidden, {}),
      /hidden cannot generate text: it is a bert/,
      /fill gaps, score texts and turn texts into/,
    ],
    [
      "fill",
      () => fill(writer, { text: "a<blank>" }),
      /writer cannot fill gaps: it is a gpt, and was not trained/,
      /generate text and score/,
    ],
    [
      "embed",
      () => embed(coder, ["a"]),
      /coder cannot turn texts into vectors/,
      /generate text, score texts and fill gaps/,
    ],
  ])("is told when it is asked to %s", async (_, ask, message, hint) => {
    await expect(ask()).rejects.toMatchObject({
      code: "NOT_ABLE",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});
