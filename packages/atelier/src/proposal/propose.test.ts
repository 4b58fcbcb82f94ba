/** Inspections of many kinds of data, and what has to come of each; every recipe resolves, fits, and its reasons name the figures. */
import { describe, expect, it } from "vitest";
import { familyNamed } from "../families/index.js";
import { codecOf } from "../families/text-model.test-helpers.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { resolveTextRecipe } from "../recipe/resolve.js";
import { checkMemory, estimateMemory } from "../training/memory.js";
import { repeatOf, tokensAStep } from "../training/plan.js";
import type { Inspection } from "./inspect.js";
import { type Proposal, propose, type Wish } from "./propose.js";

type Card = Inspection["card"];

/** A dataset of `characters` in `documents`, plain English unless said otherwise. */
const inspection = (
  characters: number,
  documents: number,
  sample: Partial<Inspection["sample"]> = {},
  card: Partial<Card> = {},
): Inspection => ({
  card: { name: "it", title: "it", documents, characters, bytes: characters, ...card },
  sample: {
    documents,
    characters,
    code: 0,
    alphabet: 80,
    line: 60,
    longest: characters / documents,
    copies: 0,
    ...sample,
  },
});

const machine = { memory: 8e9, flops: 1.5e11 };
const of = (what: Inspection, wish: Partial<Wish> = {}): Proposal =>
  propose(what, machine, { data: "it.txt", ...wish });
const why = ({ reasons }: Proposal, setting: string): string => {
  const { value, why } = reasons.find((reason) => reason.setting === setting)!;
  return `${value} | ${why}`;
};

const kinds: Readonly<Record<string, Inspection>> = {
  prose: inspection(1_200_000, 1),
  "a folder of prose": inspection(20_000_000, 4000),
  code: inspection(6_000_000, 900, { code: 0.97, line: 35 }),
  "a list of names": inspection(60_000, 1, { line: 7, alphabet: 30 }),
  "a few sentences": inspection(900, 1),
  "5 GB": inspection(5_000_000_000, 1_000_000, { characters: 64_000_000, documents: 12_800 }),
  "rows of a table": inspection(3_000_000, 20_000),
  Chinese: inspection(1_500_000, 3, { alphabet: 4000 }, { bytes: 4_400_000 }),
};

describe.each(Object.entries(kinds))("%s", (_, what) => {
  const proposal = of(what);
  const recipe = resolveTextRecipe(proposal.recipe);

  it("gets a recipe that resolves, fits the memory and is estimated as it is", () => {
    const codec = codecOf(200);
    const model = familyNamed(recipe.family).at(transformerConfiguration(recipe, codec.spec.vocabulary), codec);
    expect(checkMemory(recipe, model, repeatOf(recipe, model), { memory: 8e9, free: 8e9 })).toBeUndefined();
    expect(proposal.estimate.memory).toBeLessThan(0.8 * 8e9);
    expect(proposal.estimate.memory).toBeGreaterThan(
      estimateMemory(recipe, model, repeatOf(recipe, model)).total * 0.5,
    );
    expect(recipe.training.steps).toBe(proposal.estimate.steps);
    expect(proposal.estimate.seconds).toBeLessThan(601);
    // A run's evaluations, and so its early stop, fall on whole calls.
    expect([recipe.training.steps % 8, recipe.training.evaluateEvery % 8]).toEqual([0, 0]);
  });

  it("gives reasons that name the figures", () => {
    const { parameters, steps } = proposal.estimate;
    const count = (n: number): string => n.toLocaleString("en-US");
    expect(why(proposal, "model")).toContain(count(parameters));
    expect(why(proposal, "steps")).toContain(count(steps));
    expect(why(proposal, "steps")).toContain(count(tokensAStep(recipe)));
    expect(why(proposal, "memory")).toContain("8.0 GB are free");
    expect(proposal.reasons.every((reason) => reason.why.length > 0 && reason.value.length > 0)).toBe(true);
    expect(proposal.metric).toBe("bits per byte");
  });
});

describe("the codec", () => {
  it.each([
    ["prose", { kind: "characters" }, "1,200,000 characters are too few"],
    ["a folder of prose", { kind: "bpe", vocabulary: 8192 }, "20,000,000 characters are enough"],
    ["code", { kind: "code", vocabulary: 4096 }, "97 % of the text is source code"],
    ["rows of a table", { kind: "bpe", vocabulary: 2048 }, "3,000,000 characters"],
    ["Chinese", { kind: "bpe", vocabulary: 1024 }, "4,000 different characters"],
    ["a few sentences", { kind: "characters" }, "900 characters"],
  ])("of %s", (kind, codec, reason) => {
    const proposal = of(kinds[kind]!);
    expect(proposal.recipe.codec).toEqual(codec);
    expect(why(proposal, "codec")).toContain(reason);
  });

  it("is bpe from 2,000,000 characters on", () => {
    expect(resolveTextRecipe(of(inspection(1_999_999, 1)).recipe).codec.kind).toBe("characters");
    expect(resolveTextRecipe(of(inspection(2_000_000, 1)).recipe).codec.kind).toBe("bpe");
  });
});

describe("the context", () => {
  it.each([
    ["prose", 256],
    ["a list of names", 64],
    // 150 characters a row, 2.8 to a token of a vocabulary of 2,048: the next power of two holds more than a whole row.
    ["rows of a table", 64],
    // 900 characters, a quarter of which are 225.
    ["a few sentences", 128],
  ])("of %s", (kind, context) => {
    expect(resolveTextRecipe(of(kinds[kind]!).recipe).model.context).toBe(context);
  });
});

describe("size and steps", () => {
  const width = (proposal: Proposal): number => resolveTextRecipe(proposal.recipe).model.width;

  it("grow with time and with speed, and never beyond the text", () => {
    const large = inspection(500_000_000, 100_000);
    const [short, long, longer] = [1, 60, 600].map((minutes) => of(large, { minutes }));
    expect(width(short!)).toBeLessThan(width(long!));
    expect(width(long!)).toBeLessThan(width(longer!));
    expect(longer!.estimate.seconds / 36_000).toBeCloseTo(1, 2);
    expect(longer!.minutes).toBe(600);
    const fast = propose(large, { memory: 8e9, flops: 1.5e12 }, { data: "it.txt" });
    expect(width(fast)).toBeGreaterThan(width(of(large)));
    // 60,000 characters bear the smallest model only, however long one has.
    expect(width(of(kinds["a list of names"]!, { minutes: 600 }))).toBe(64);
  });

  it("stay within the memory", () => {
    const large = inspection(500_000_000, 100_000);
    const narrow = propose(large, { memory: 1.2e9, flops: 1.5e11 }, { data: "it.txt", minutes: 600 });
    expect(narrow.estimate.memory).toBeLessThanOrEqual(0.8 * 1.2e9);
    expect(width(narrow)).toBeLessThan(width(of(large, { minutes: 600 })));
  });

  it("of little text end after 30 passes, with care against learning it by heart", () => {
    const names = of(kinds["a list of names"]!);
    const recipe = resolveTextRecipe(names.recipe);
    // 54,000 characters train; the number of steps is cut to whole calls of 8.
    expect((recipe.training.steps * tokensAStep(recipe)) / 54_000).toBeCloseTo(30, 0);
    expect(names.minutes).toBeUndefined();
    expect(recipe.training.patience).toBe(3);
    expect(recipe.model.dropout).toBe(0.1);
    expect(why(names, "caution")).toContain("read 30 times over");
    const much = resolveTextRecipe(of(inspection(500_000_000, 100_000)).recipe);
    expect([much.training.patience, much.model.dropout]).toEqual([undefined, undefined]);
  });
});

describe("what was asked for", () => {
  it("stands, and the rest is chosen to suit it", () => {
    const given = {
      seed: 7,
      family: "bert",
      codec: { vocabulary: 700 },
      model: { width: 192 },
      training: { steps: 40 },
    };
    const proposal = of(kinds.prose!, { given });
    expect(proposal.recipe).toMatchObject({
      seed: 7,
      family: "bert",
      codec: { kind: "bpe", vocabulary: 700 },
      model: { width: 192, heads: 6 },
      training: { steps: 40, evaluateEvery: 8 },
    });
    expect(why(proposal, "steps")).toContain("as asked");
    expect(why(proposal, "family")).toBe("bert | it can fill, score, embed");
    expect(why(proposal, "codec")).toBe("bpe, vocabulary 700 | as asked");
    expect(proposal.minutes).toBeUndefined();
  });

  it("replaces a whole part where it is of another kind", () => {
    const given = { codec: { kind: "characters" }, training: { optimiser: { kind: "adamw" } } };
    const { recipe } = of(kinds["a folder of prose"]!, { given });
    expect(recipe.codec).toEqual({ kind: "characters" });
    expect(resolveTextRecipe(recipe).training.optimiser).toMatchObject({ kind: "adamw", learningRate: 1e-3 });
  });

  it("is refused where it cannot be", () => {
    const wrong = { training: { stps: 3 } };
    expect(() => of(kinds.prose!, { given: wrong })).toThrow('unknown setting "training.stps"');
    expect(() => of(kinds.prose!, { given: { model: { width: 130, heads: 4 } } })).toThrow("130");
  });

  it("of a model to go on from takes its family, sizes and codec, and lower rates", () => {
    const configuration = transformerConfiguration(
      resolveTextRecipe({ data: "a.txt", model: { width: 96, heads: 3 } }),
      90,
    );
    const from = { name: "whale", family: "gpt", codec: "characters", configuration };
    const { recipe, reasons, estimate } = of(kinds.prose!, { from });
    expect(Object.keys(recipe)).not.toContain("codec");
    expect(Object.keys(recipe)).not.toContain("family");
    expect(Object.keys((recipe.model as object | undefined) ?? {}).filter((key) => key !== "dropout")).toEqual([]);
    expect(recipe.from).toBe("whale");
    // 4 layers of 12 × 96² and two tables of 90 × 96.
    expect(estimate.parameters).toBe(4 * 12 * 96 * 96 + 2 * 90 * 96);
    const rates = resolveTextRecipe(recipe).training.optimiser;
    expect(rates).toMatchObject({ kind: "muon", learningRate: 0.003 });
    expect(reasons[0]).toMatchObject({ setting: "from", value: "whale" });
  });
});

describe("curation and remarks", () => {
  it("takes copies out of folders of many documents, and leaves lists alone", () => {
    expect(of(kinds["a folder of prose"]!).recipe.curation).toEqual({ exact: true, near: 0.8 });
    expect(of(kinds["rows of a table"]!).recipe.curation).toBeUndefined();
    expect(of(kinds.prose!).recipe.curation).toBeUndefined();
  });

  it("says what is odd", () => {
    const skipped = [
      { file: "a.txt", reason: "is not UTF-8" },
      { file: "b.txt", reason: "cannot be read" },
    ];
    const odd = inspection(100_000, 40, { copies: 10, longest: 70_000 }, { skipped });
    const notes = of(odd).notes.join("\n");
    expect(notes).toContain("Left out: a.txt (is not UTF-8), and 1 more.");
    expect(notes).toContain("100,000 characters are little");
    expect(notes).toContain("10 of 40 documents repeat another");
    expect(notes).toContain("One document is 70 % of the text.");
    // 5 GB at 10 MB/s of curation and 8 MB/s of encoding: 500 s and 625 s.
    expect(why(of(kinds["5 GB"]!), "time")).toContain("about 19 min");
    expect(of(kinds["5 GB"]!).notes).toEqual(["Judged by the first 64,000,000 of 5,000,000,000 characters."]);
    expect(of(kinds["a folder of prose"]!).notes).toEqual([]);
  });
});
