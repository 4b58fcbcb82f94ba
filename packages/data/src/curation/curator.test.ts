import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import type { TextDocument } from "../datasets/text-dataset.js";
import { Curator } from "./curator.js";
import type { CurationReport } from "./report.js";
import { curationSchema } from "./settings.js";

const root = RandomKey.fromSeed(5);
const prose = (words: number, seed: number): string =>
  Array.from(root.at(seed).bits(new Uint32Array(words)), (word) => `w${word % 100_000}`).join(" ");

async function curated(
  documents: Iterable<TextDocument>,
  settings: object = {},
): Promise<[TextDocument[], CurationReport]> {
  const curator = new Curator(curationSchema.parse(settings));
  const kept: TextDocument[] = [];
  for await (const document of curator.curate(documents)) kept.push(document);
  return [kept, curator.report()];
}

const namesOf = (documents: readonly TextDocument[]): string[] => documents.map(({ name }) => name);

/** `a`, a copy spaced otherwise, a copy with one of 400 words changed, a third like it (Jaccard 0.33), and another text. */
function copies(): TextDocument[] {
  const a = prose(400, 1);
  const words = a.split(" ");
  const near = words.with(200, "other").join(" ");
  const related = words.map((word, i) => (i % 2 === 1 && i > 200 ? `x${word}` : word)).join(" ");
  return [
    { name: "a", text: a },
    { name: "twin", text: `${a.replaceAll(" ", "\n")}\n` },
    { name: "near", text: near },
    { name: "related", text: related },
    { name: "b", text: prose(400, 2) },
    { name: "twin of near", text: near },
  ];
}

describe("copies", () => {
  it("the first is kept; the others are removed in its favour", async () => {
    const documents = copies();
    const [kept, report] = await curated(documents);
    expect(kept).toEqual([documents[0], documents[3], documents[4]]);
    expect(report.removed["exact-duplicate"]?.examples).toEqual([
      { name: "twin", kept: "a", similarity: 1 },
      { name: "twin of near", kept: "a", similarity: 1 },
    ]);
    const [near] = report.removed["near-duplicate"]!.examples;
    expect(near).toMatchObject({ name: "near", kept: "a" });
    // 391 of 401 shingles are common: 0.975, and the standard error is 0.014.
    expect(Math.abs(near!.similarity! - 391 / 401)).toBeLessThan(0.05);
    const bytes = (names: readonly string[]): number =>
      documents.filter(({ name }) => names.includes(name)).reduce((sum, { text }) => sum + text.length, 0);
    expect(report.input).toEqual({ documents: 6, bytes: bytes(namesOf(documents)) });
    expect(report.output).toEqual({ documents: 3, bytes: bytes(["a", "related", "b"]) });
    expect(report.removed["near-duplicate"]).toMatchObject({ documents: 1, bytes: bytes(["near"]) });
  });

  it("each search can be turned off", async () => {
    expect(namesOf((await curated(copies(), { near: false }))[0])).toEqual(["a", "near", "related", "b"]);
    expect(namesOf((await curated(copies(), { near: false, exact: false }))[0])).toHaveLength(6);
    const [, report] = await curated(copies(), { exact: false });
    expect(report.removed["near-duplicate"]?.documents).toBe(3);
  });

  it("texts without words are copies only if they are the same", async () => {
    const documents = ["…", "!?", "…", "", " "].map((text, i) => ({ name: String(i), text }));
    expect(namesOf((await curated(documents))[0])).toEqual(["0", "1", "3"]);
  });

  it("are found across several streams", async () => {
    const curator = new Curator(curationSchema.parse({}));
    const outputs: string[] = [];
    for (const stream of [copies().slice(0, 2), copies()]) {
      for await (const { name } of curator.curate(stream)) outputs.push(name);
    }
    expect(outputs).toEqual(["a", "related", "b"]);
  });
});

/** Two hundred documents of all sorts. */
function mixture(): TextDocument[] {
  return Array.from({ length: 200 }, (_, i) => {
    const text = prose(60, i % 80);
    const number = i % 7 === 0 ? ` +1 415 555 26${10 + (i % 80)}` : "";
    return { name: `d${i}`, text: i % 11 === 0 ? "too short" : text + number };
  });
}

describe("all of it", () => {
  const settings = { minWords: 5, pii: "mask", near: false };

  it("counts do not depend on the order of the documents", async () => {
    const documents = mixture();
    const shuffled = Array.from(root.permutation(documents.length), (i) => documents[i]!);
    const [[keptA, a], [keptB, b]] = [await curated(documents, settings), await curated(shuffled, settings)];
    const counts = ({ input, output, removed, pii }: CurationReport) => ({
      input,
      output,
      pii,
      removed: Object.entries(removed).map(([reason, { documents, bytes }]) => [reason, documents, bytes]),
    });
    expect(counts(b)).toEqual(counts(a));
    expect(new Set(keptB.map(({ text }) => text))).toEqual(new Set(keptA.map(({ text }) => text)));
  });

  it("the same input gives the same output", async () => {
    expect(await curated(mixture(), settings)).toEqual(await curated(mixture(), settings));
  });

  it("what was read is what was kept and what was removed, if nothing is masked", async () => {
    const [kept, { input, output, removed }] = await curated(mixture(), { minWords: 5 });
    expect(kept).toHaveLength(output.documents);
    for (const part of ["documents", "bytes"] as const) {
      expect(Object.values(removed).reduce((sum, entry) => sum + entry[part], output[part])).toBe(input[part]);
    }
  });
});

describe("personal data", () => {
  const documents = [
    { name: "one", text: "Write to me@example.com or you@example.com." },
    { name: "two", text: "Call me Ishmael, on +1 415 555 2671." },
    { name: "three", text: "Some years ago, in 1851." },
  ];
  const found = { email: 2, phone: 1, card: 0 };

  it("is counted", async () => {
    const [kept, report] = await curated(documents);
    expect(kept).toEqual(documents);
    expect(report.pii).toEqual({ documents: 2, found });
  });

  it("is masked", async () => {
    const [kept, report] = await curated(documents, { pii: "mask" });
    expect(kept.map(({ text }) => text)).toEqual([
      "Write to <EMAIL> or <EMAIL>.",
      "Call me Ishmael, on <PHONE>.",
      "Some years ago, in 1851.",
    ]);
    expect(report.pii).toEqual({ documents: 2, found });
    expect(report.output.bytes).toBe(28 + 28 + 24);
  });

  it("drops the document", async () => {
    const [kept, report] = await curated(documents, { pii: "drop" });
    expect(namesOf(kept)).toEqual(["three"]);
    expect(report.removed["personal-data"]?.examples).toEqual([
      { name: "one", found: "email" },
      { name: "two", found: "phone" },
    ]);
  });

  it("is not looked for", async () => {
    const [kept, report] = await curated(documents, { pii: "off" });
    expect(kept).toEqual(documents);
    expect(report.pii).toBeUndefined();
  });
});

it("keeps the languages asked for, and what is too short to tell", async () => {
  const documents = [
    { name: "en", text: "All human beings are born free and equal in dignity and rights." },
    { name: "de", text: "Alle Menschen sind frei und gleich an Würde und Rechten geboren." },
    { name: "short", text: "Ahoy!" },
    { name: "en2", text: "They are endowed with reason and conscience and should act in a spirit of brotherhood." },
  ];
  const [kept, report] = await curated(documents, { languages: ["en"] });
  expect(namesOf(kept)).toEqual(["en", "short", "en2"]);
  expect(report.removed.language?.examples).toEqual([{ name: "de", found: "de" }]);
  expect(Object.entries(report.languages ?? {})).toEqual([
    ["en", 2],
    ["de", 1],
    ["unknown", 1],
  ]);
});

it("pieces of a long document go on with one another where one between is removed, and end where the last is", async () => {
  const [one, two] = [prose(50, 1), prose(50, 2)];
  const piece = (text: string, continues: boolean): TextDocument => ({
    name: "long",
    text,
    ...(continues ? { continues } : {}),
  });
  const documents = [piece(one, true), piece(one, true), piece(two, true), piece("end", true), piece(one, false)];
  const [kept, report] = await curated([...documents, { name: "next", text: prose(50, 3) }], { minWords: 10 });
  expect(kept).toEqual([piece(one, true), piece(two, true), piece("end", false), { name: "next", text: prose(50, 3) }]);
  expect(report.removed).toMatchObject({ "exact-duplicate": { documents: 2 } });
});

it("streams: a document comes out before the next is read", async () => {
  const read: string[] = [];
  function* documents(): Generator<TextDocument> {
    for (const document of copies()) {
      read.push(document.name);
      yield document;
    }
  }
  const progress: number[] = [];
  for await (const { name } of new Curator(curationSchema.parse({})).curate(documents(), {
    onProgress: ({ documents: count }) => progress.push(count),
  })) {
    expect(read.at(-1)).toBe(name);
  }
  expect(progress).toEqual([1, 2, 3, 4, 5, 6]);
});

it("stops where it is aborted, and closes what it read from", async () => {
  const controller = new AbortController();
  let closed = false;
  async function* endless(): AsyncGenerator<TextDocument> {
    try {
      for (let i = 0; ; i++) yield { name: String(i), text: prose(20, i) };
    } finally {
      closed = true;
    }
  }
  const kept: string[] = [];
  const curating = (async () => {
    const curator = new Curator(curationSchema.parse({}));
    for await (const { name } of curator.curate(endless(), { signal: controller.signal })) {
      kept.push(name);
      if (kept.length === 3) controller.abort();
    }
  })();
  await expect(curating).rejects.toMatchObject({ name: "AbortError" });
  expect(kept).toEqual(["0", "1", "2"]);
  expect(closed).toBe(true);
});

it.each([{ near: 0.3 }, { near: 1.1 }, { pii: "burn" }, { minLetters: 2 }, { languages: [] }, { minimum: 1 }])(
  "refuses %j",
  (settings) => expect(curationSchema.safeParse(settings).success).toBe(false),
);
