/** Generation through the cache against the plainest loop there is: the whole model on the whole context for every token. */
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
import { type GenerationSettings, GptGenerator } from "./generate.js";

const size = { vocabulary: 13, context: 8, layers: 2, heads: 4, width: 16 };
const key = RandomKey.fromSeed(31);

/** Weights so large that the next token depends on what came before. */
const weightsOf = (c: GptConfiguration): TreeRecord<HostTensor> => {
  const { params } = Scope.declare(
    (scope) => gptLogits(scope, c, input("tokens", [1, c.context], "int32")),
    RandomKey.fromSeed(8),
  );
  return mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) => {
    const noise = RandomKey.fromSeed(2).split(path).normal(new Float32Array(data.length), 0, 0.5);
    return hostTensor(
      noise.map((value, i) => value + data[i]!),
      shape,
    );
  }) as TreeRecord<HostTensor>;
};

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
