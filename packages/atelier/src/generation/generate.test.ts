/** Generation through the cache against the plainest loop there is: the whole model on the whole context for every token. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  compile,
  type HostTensor,
  hostTensor,
  input,
  mapTree,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { classicGpt, type GptConfiguration, gptLogits, modernGpt, Sampler } from "@atelier/models";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { importHuggingFace } from "../model/huggingface.js";
import { type GeneratedToken, type GenerationSettings, GptGenerator } from "./generate.js";

const size = { vocabulary: 13, context: 8, layers: 2, heads: 4, width: 16 };
const key = RandomKey.fromSeed(31);

/** Weights so large that the next token depends on what came before. */
const weightsOf = (c: GptConfiguration, noisy = 0.5): TreeRecord<HostTensor> => {
  const { params } = Scope.declare(
    (scope) => gptLogits(scope, c, input("tokens", [1, c.context], "int32")),
    RandomKey.fromSeed(8),
  );
  return mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) => {
    const noise = RandomKey.fromSeed(2).split(path).normal(new Float32Array(data.length), 0, noisy);
    return hostTensor(
      noise.map((value, i) => value + data[i]!),
      shape,
    );
  }) as TreeRecord<HostTensor>;
};

const smallWeightsOf = (c: GptConfiguration): TreeRecord<HostTensor> => weightsOf(c, 0.1);

async function generated(
  c: GptConfiguration,
  prompt: readonly number[],
  settings: Partial<GenerationSettings>,
): Promise<number[][]> {
  const generator = new GptGenerator(c, weightsOf(c));
  const rows: number[][] = Array.from({ length: settings.samples ?? 1 }, () => []);
  const all = { temperature: 0, tokens: 5, samples: 1, ...settings };
  for await (const { row, token } of generator.generate(prompt, all, key)) rows[row]!.push(token);
  await generator.release();
  return rows;
}

/** Row 0 of the same, by reading everything again for every token. Past the context the later half of it is what is read. */
async function plain(c: GptConfiguration, prompt: readonly number[], tokens: number, temperature: number) {
  const run = compile(({ gpt, ids }: { gpt: TreeRecord<Tensor>; ids: Tensor }) => ({
    logits: gptLogits(Scope.over({ params: gpt }), c, ids),
  }));
  const gpt = weightsOf(c);
  const sampler = new Sampler({ temperature });
  const all = [...prompt];
  let seen = all.slice(-c.context);
  for (let i = 0; i < tokens; i++) {
    if (seen.length > c.context) seen = all.slice(-Math.ceil(c.context / 2));
    const { logits } = await run({ gpt, ids: hostTensor(Int32Array.from(seen), [1, seen.length]) });
    const token = sampler.sample(logits.data.slice(-c.vocabulary) as Float32Array, key.at(0).at(i));
    all.push(token);
    seen.push(token);
  }
  await run.release();
  return all.slice(prompt.length);
}

const configurations = {
  classic: classicGpt(size),
  modern: modernGpt(size),
  grouped: modernGpt(size, { keyValueHeads: 2, activation: "swiglu", norm: "rms" }),
  "one key head, learned positions": classicGpt(size, { keyValueHeads: 1, bias: false, tiedHead: false }),
};

describe.each(Object.entries(configurations))("%s", (_, c) => {
  it("draws the tokens that the whole model would, also past the context", async () => {
    for (const temperature of [0, 1]) {
      const rows = await generated(c, [1, 2, 3], { tokens: 20, temperature });
      expect(rows[0]).toEqual(await plain(c, [1, 2, 3], 20, temperature));
    }
  });
});

describe("a prompt", () => {
  it("longer than the context is read from its end", async () => {
    const c = configurations.classic;
    const long = [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2];
    expect(await generated(c, long, { tokens: 4 })).toEqual(await generated(c, long.slice(-8), { tokens: 4 }));
    expect((await generated(c, long, { tokens: 4 }))[0]).toEqual(await plain(c, long, 4, 0));
  });

  it("is continued even by a context of one token", async () => {
    const c = classicGpt({ ...size, context: 1 });
    expect((await generated(c, [3, 4], { tokens: 4 }))[0]).toEqual(await plain(c, [3, 4], 4, 0));
  });
});

describe("rows", () => {
  it.each([0, 1])("do not depend on how many there are, at temperature %d", async (temperature) => {
    const c = configurations.modern;
    const four = await generated(c, [1, 2], { tokens: 12, samples: 4, temperature });
    const two = await generated(c, [1, 2], { tokens: 12, samples: 2, temperature });
    const one = await generated(c, [1, 2], { tokens: 12, samples: 1, temperature });
    expect(four.slice(0, 2)).toEqual(two);
    expect(two.slice(0, 1)).toEqual(one);
    if (temperature === 0) expect(four[3]).toEqual(four[0]);
    else expect(four[1]).not.toEqual(four[0]);
  });

  it("are the same for the same key", async () => {
    const settings = { tokens: 12, samples: 2, temperature: 1, topK: 5, topP: 0.9 };
    expect(await generated(configurations.classic, [1], settings)).toEqual(
      await generated(configurations.classic, [1], settings),
    );
  });

  it("end before the stop token, each by itself", async () => {
    const c = configurations.modern;
    const free = await generated(c, [1, 2], { tokens: 30, samples: 3, temperature: 1 });
    const stop = free[0]![6]!;
    const stopped = await generated(c, [1, 2], { tokens: 30, samples: 3, temperature: 1, stop });
    expect(stopped).toEqual(free.map((row) => (row.includes(stop) ? row.slice(0, row.indexOf(stop)) : row)));
    expect(stopped[0]!.length).toBeLessThan(7);
  });
});

/** The log-probability of every drawn token, by reading each window of its row at once with the whole model. */
async function plainLogProbabilities(c: GptConfiguration, prompt: readonly number[], made: readonly number[]) {
  const run = compile(({ gpt, ids }: { gpt: TreeRecord<Tensor>; ids: Tensor }) => ({
    logs: gptLogits(Scope.over({ params: gpt }), c, ids).logSoftmax(-1),
  }));
  const gpt = weightsOf(c);
  const all = [...prompt, ...made];
  const logs: Float32Array[] = [];
  let start = Math.max(0, prompt.length - c.context);
  let window: Float32Array | undefined;
  for (let at = prompt.length; at < all.length; at++) {
    if (at - start > c.context) {
      start = at - Math.ceil(c.context / 2);
      window = undefined;
    }
    if (window === undefined) {
      const ids = new Int32Array(c.context);
      ids.set(all.slice(start, start + c.context));
      window = (await run({ gpt, ids: hostTensor(ids, [1, c.context]) })).logs.data as Float32Array;
    }
    logs.push(window.subarray((at - 1 - start) * c.vocabulary, (at - start) * c.vocabulary));
  }
  await run.release();
  return logs;
}

it("continues as Hugging Face's GPT-2 does, greedily", async () => {
  const folder = fileURLToPath(new URL("../tools/fixtures/hf-gpt2-tiny", import.meta.url));
  const { configuration, weights } = await importHuggingFace(folder);
  const recorded = z.object({ input_ids: z.array(z.array(z.int())), greedy_ids: z.array(z.int()) });
  const expected = recorded.parse(JSON.parse(await readFile(`${folder}/expected.json`, "utf8")));
  const [prompt] = expected.input_ids;
  const generator = new GptGenerator(configuration, weights);
  const settings = { temperature: 0, samples: 1, tokens: expected.greedy_ids.length - prompt!.length };
  const made: number[] = [];
  for await (const { token } of generator.generate(prompt!, settings, key)) made.push(token);
  await generator.release();
  expect([...prompt!, ...made]).toEqual(expected.greedy_ids);
});

describe("prompts of different lengths in one batch", () => {
  // 150 tokens of context: caches of 64, 128 and 150 slots, prompts padded to 16, 64 and 150, and both ends crossed.
  const wide = { ...size, context: 150, layers: 1 };
  const prompts = [1, 5, 70, 149, 170].map((length) => Array.from({ length }, (_, i) => (i * i + length) % 13));

  it.each([
    ["classic", classicGpt(wide)],
    ["grouped, rotary", modernGpt(wide, { keyValueHeads: 2 })],
  ])("are read as the whole model reads them, %s", async (_, c) => {
    const generator = new GptGenerator(c, weightsOf(c));
    const settings = { tokens: 90, samples: 1, temperature: 1, logProbabilities: 3 };
    const rows: GeneratedToken[][] = prompts.map(() => []);
    for await (const made of generator.generate(prompts, settings, key)) rows[made.row]!.push(made);
    for (const [row, made] of rows.entries()) {
      const logs = await plainLogProbabilities(
        c,
        prompts[row]!,
        made.map(({ token }) => token),
      );
      expect(made.length).toBe(90);
      made.forEach(({ token, logProbability, alternatives }, i) => {
        const expected = logs[i]!;
        expect(Math.abs(logProbability! - expected[token]!)).toBeLessThan(2e-4);
        const best = [...expected].sort((a, b) => b - a).slice(0, 3);
        alternatives!.forEach((alternative, rank) => {
          expect(Math.abs(alternative.logProbability - best[rank]!)).toBeLessThan(2e-4);
          expect(Math.abs(alternative.logProbability - expected[alternative.token]!)).toBeLessThan(2e-4);
        });
      });
    }
    await generator.release();
  });

  it("give each row what it would be given alone, and samples of a prompt lie side by side", async () => {
    const c = configurations.modern;
    const generator = new GptGenerator(c, weightsOf(c));
    const collect = async (prompts: readonly number[][], samples: number): Promise<number[][]> => {
      const rows: number[][] = Array.from({ length: prompts.length * samples }, () => []);
      const settings = { tokens: 20, samples, temperature: 0 };
      for await (const { row, token } of generator.generate(prompts, settings, key)) rows[row]!.push(token);
      return rows;
    };
    const [first, second] = [[1], [7, 2, 9, 4, 4, 1]];
    const alone = [...(await collect([first], 1)), ...(await collect([second], 1))];
    expect(await collect([first, second], 2)).toEqual([alone[0], alone[0], alone[1], alone[1]]);
    await generator.release();
  });
});

describe("8-bit weights", () => {
  it("change log-probabilities a little", async () => {
    const c = classicGpt({ ...size, width: 64 });
    const of = async (weights: "float32" | "int8"): Promise<number[]> => {
      const generator = new GptGenerator(c, smallWeightsOf(c), { weights });
      const logs: number[] = [];
      const settings = { tokens: 8, samples: 1, temperature: 0, logProbabilities: 13 };
      for await (const { alternatives } of generator.generate([1, 2, 3], settings, key)) {
        for (const { logProbability } of [...alternatives!].sort((a, b) => a.token - b.token))
          logs.push(logProbability);
        break;
      }
      await generator.release();
      return logs;
    };
    const [exact, rounded] = [await of("float32"), await of("int8")];
    const differences = exact.map((value, i) => Math.abs(value - rounded[i]!));
    expect(Math.max(...differences)).toBeGreaterThan(0);
    // The log-probabilities themselves lie several nats apart.
    expect(Math.max(...exact) - Math.min(...exact)).toBeGreaterThan(1);
    expect(Math.max(...differences)).toBeLessThan(0.1);
  });
});

describe("rules of a row", () => {
  const c = configurations.classic;

  it("mask tokens, see those drawn, and end the row with the token that finishes them", async () => {
    const seen: number[][] = [[], []];
    const generator = new GptGenerator(c, weightsOf(c));
    const rules = (row: number) => [
      {
        step: (logits: Float32Array) => {
          for (let token = 0; token < logits.length; token++)
            if (token % 2 !== row) logits[token] = Number.NEGATIVE_INFINITY;
        },
        accept: (token: number) => void seen[row]!.push(token),
        get finished() {
          return seen[row]!.length === 3 + 2 * row;
        },
      },
    ];
    const rows: number[][] = [[], []];
    const ends: unknown[] = [];
    const settings = { tokens: 9, samples: 2, temperature: 1, rules };
    for await (const event of generator.events([1, 2], settings, key)) {
      if ("token" in event) rows[event.row]!.push(event.token);
      else ends.push(event);
    }
    await generator.release();
    expect(rows.map((row) => row.length)).toEqual([3, 5]);
    expect(rows).toEqual(seen);
    rows.forEach((row, parity) => {
      expect(row.every((token) => token % 2 === parity)).toBe(true);
    });
    expect(ends).toEqual([
      { row: 0, finish: "rule" },
      { row: 1, finish: "rule" },
    ]);
  });

  it("are not needed to say why it ended", async () => {
    const generator = new GptGenerator(c, weightsOf(c));
    const finishes = async (stop: readonly number[], tokens: number): Promise<unknown[]> => {
      const ends: unknown[] = [];
      for await (const event of generator.events([1], { temperature: 0, samples: 1, tokens, stop }, key))
        if ("finish" in event) ends.push(event);
      return ends;
    };
    expect(await finishes([], 4)).toEqual([{ row: 0, finish: "length" }]);
    expect(
      await finishes(
        Array.from({ length: 13 }, (_, i) => i),
        4,
      ),
    ).toEqual([{ row: 0, finish: "stop" }]);
    await generator.release();
  });
});

describe("impossible requests", () => {
  it.each([
    ["an empty prompt", [], {}, "at least one token"],
    ["no rows", [1], { samples: 0 }, "samples"],
    ["half a row", [1], { samples: 1.5 }, "samples"],
    ["a negative number of tokens", [1], { tokens: -1 }, "tokens"],
    ["a number of tokens that is none", [1], { tokens: Number.NaN }, "tokens"],
    ["a token outside the vocabulary", [1, 13], {}, "13"],
    ["a negative token", [-1], {}, "-1"],
    ["a negative temperature", [1], { temperature: -1 }, "temperature"],
    ["half an alternative", [1], { logProbabilities: 0.5 }, "log-probabilities"],
  ])("%s", async (_, prompt, settings, message) => {
    const request = generated(configurations.classic, prompt, settings);
    await expect(request).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(generated(configurations.classic, prompt, settings)).rejects.toThrow(message);
  });

  it("of no tokens give none", async () => {
    expect(await generated(configurations.classic, [1], { tokens: 0 })).toEqual([[]]);
  });
});

it("stops where it is told to", async () => {
  const c = configurations.classic;
  const generator = new GptGenerator(c, weightsOf(c));
  const controller = new AbortController();
  const made: number[] = [];
  const all = async (): Promise<void> => {
    const settings = { temperature: 0, tokens: 100, samples: 1 };
    for await (const { token } of generator.generate([1], settings, key, controller.signal)) {
      made.push(token);
      if (made.length === 3) controller.abort();
    }
  };
  await expect(all()).rejects.toMatchObject({ name: "AbortError" });
  expect(made.length).toBe(3);
  await generator.release();
});
