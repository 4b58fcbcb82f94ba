/** Null values, drops, padding, grids and times, compared with rows of tables, closed forms and each other. */
import {
  ArgumentError,
  compile,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import {
  type Condition,
  type Conditioning,
  checkConditions,
  conditionInputs,
  type EmbeddingOptions,
  embedConditions,
  timeEmbedding,
} from "./index.js";

const WIDTH = 4;
const kind: Condition = { name: "kind", role: "label", classes: 3, drop: 0 };
const size: Condition = { name: "size", role: "vector", width: 2, drop: 0 };
const caption: Condition = { name: "caption", role: "tokens", vocabulary: 7, length: 3, drop: 0 };
const mask: Condition = { name: "mask", role: "grid", channels: 1, drop: 0 };

const int = (values: number[], shape = [values.length]): HostTensor => hostTensor(Int32Array.from(values), shape);
const float = (values: number[], shape = [values.length]): HostTensor => hostTensor(Float32Array.from(values), shape);
const flags = (values: number[]): HostTensor => hostTensor(Uint8Array.from(values), [values.length]);

interface Case {
  readonly conditions: readonly Condition[];
  readonly values: TreeRecord<HostTensor>;
  readonly absent?: TreeRecord<HostTensor>;
  readonly options?: Omit<EmbeddingOptions, "width" | "absent">;
  readonly training?: boolean;
}

const declared = (conditions: readonly Condition[]): TreeRecord<HostTensor> =>
  Scope.declare(
    (scope) => embedConditions(scope, conditions, conditionInputs(conditions, 1, [2, 2]), { width: WIDTH }),
    RandomKey.fromSeed(3),
  ).params;

/** What `pick` takes from the embedding, flat. */
async function embedded(
  { conditions, values, absent = {}, options = {}, training = false }: Case,
  pick: (result: Conditioning) => Tensor | undefined,
): Promise<number[]> {
  const run = compile(
    (given: { params: TreeRecord<Tensor>; values: TreeRecord<Tensor>; absent: TreeRecord<Tensor> }) => {
      const scope = Scope.over({ params: given.params }, { training });
      const result = embedConditions(scope, conditions, given.values as Record<string, Tensor>, {
        width: WIDTH,
        ...options,
        absent: given.absent as Record<string, Tensor>,
      });
      return { picked: pick(result)! };
    },
  );
  const { picked } = await run({ params: declared(conditions), values, absent }, { keys: RandomKey.fromSeed(11) });
  await run.release();
  return [...picked.data];
}

const vectorOf = (result: Conditioning): Tensor | undefined => result.vector;
const rowsOf = (flat: readonly number[], width: number): number[][] =>
  Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));

describe("labels", () => {
  const table = rowsOf(
    [...(declared([kind]) as { label: { kind: { embedding: HostTensor } } }).label.kind.embedding.data],
    WIDTH,
  );

  it("are rows of the table, the one behind the last class standing for none", async () => {
    const flat = await embedded({ conditions: [kind], values: { kind: int([2, -1, 0]) } }, vectorOf);
    expect(table).toHaveLength(4);
    expect(rowsOf(flat, WIDTH)).toEqual([table[2], table[3], table[0]]);
  });

  it("are that row where they are absent, and where they are dropped while training", async () => {
    const values = { kind: int([2, 1, 0]) };
    const absent = { kind: flags([0, 1, 1]) };
    expect(rowsOf(await embedded({ conditions: [kind], values, absent }, vectorOf), WIDTH)).toEqual([
      table[2],
      table[3],
      table[3],
    ]);
    const dropped = { conditions: [{ ...kind, drop: 1 }], values };
    const none = [table[3], table[3], table[3]];
    expect(rowsOf(await embedded({ ...dropped, training: true }, vectorOf), WIDTH)).toEqual(none);
    expect(rowsOf(await embedded(dropped, vectorOf), WIDTH)).toEqual([table[2], table[1], table[0]]);
  });

  it("are dropped as often as they should be", async () => {
    const rows = 2000;
    const flat = await embedded(
      { conditions: [{ ...kind, drop: 0.3 }], values: { kind: int(new Array(rows).fill(0)) }, training: true },
      vectorOf,
    );
    const share = rowsOf(flat, WIDTH).filter((row) => row[0] === table[3]![0]).length / rows;
    // Five standard deviations of a binomial share.
    expect(Math.abs(share - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / rows));
  });
});

describe("vectors", () => {
  it("are mapped linearly, and replaced by one learned vector where they are absent", async () => {
    const { weight, bias, none } = (declared([size]) as { vector: { size: Record<string, HostTensor> } }).vector
      .size as {
      weight: HostTensor;
      bias: HostTensor;
      none: HostTensor;
    };
    const values = { size: float([0.5, -2, 3, 1], [2, 2]) };
    const flat = await embedded({ conditions: [size], values, absent: { size: flags([0, 1]) } }, vectorOf);
    const mapped = [0, 1, 2, 3].map((i) => 0.5 * weight.data[i]! - 2 * weight.data[WIDTH + i]! + bias.data[i]!);
    mapped.forEach((y, i) => {
      expect(flat[i]).toBeCloseTo(y, 6);
    });
    expect(flat.slice(WIDTH)).toEqual([...none.data]);
  });
});

describe("tokens", () => {
  const masked = (values: number[], shape: number[], absent?: TreeRecord<HostTensor>): Case => ({
    conditions: [caption],
    values: { caption: int(values, shape) },
    ...(absent && { absent }),
  });

  it("have a mask with a start token, and none is the empty prompt", async () => {
    const prompts = masked([5, 2, -1, 1, 1, 1, -1, -1, -1], [3, 3], { caption: flags([0, 1, 0]) });
    expect(rowsOf(await embedded(prompts, (x) => x.tokens?.mask), 4)).toEqual([
      [1, 1, 1, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    const [asked, absent, empty] = rowsOf(await embedded(prompts, vectorOf), WIDTH);
    expect(absent).toEqual(empty);
    expect(Math.max(...asked!.map((x, i) => Math.abs(x - empty![i]!)))).toBeGreaterThan(1e-4);
  });

  it("depend on their order and not on what stands beside them in the batch", async () => {
    const [ab, ba] = rowsOf(await embedded(masked([1, 2, -1, 2, 1, -1], [2, 3]), vectorOf), WIDTH);
    const alone = await embedded(masked([1, 2, -1], [1, 3]), vectorOf);
    alone.forEach((x, i) => {
      expect(x).toBeCloseTo(ab![i]!, 6);
    });
    expect(Math.max(...ab!.map((x, i) => Math.abs(x - ba![i]!)))).toBeGreaterThan(1e-5);
  });
});

describe("grids", () => {
  it("pass through with a channel that tells them from nothing", async () => {
    const values = { mask: float([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]) };
    const flat = await embedded({ conditions: [mask], values, absent: { mask: flags([0, 1]) } }, (x) => x.grid);
    expect(rowsOf(flat, 4)).toEqual([
      [1, 2, 3, 4],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("are resized to the picture's size, between the pixels' centres", async () => {
    const values = { mask: float([0, 1], [1, 1, 1, 2]) };
    const flat = await embedded({ conditions: [mask], values, options: { size: [1, 4] } }, (x) => x.grid);
    expect(flat).toEqual([0, 0.25, 0.75, 1, 1, 1, 1, 1]);
  });
});

it("time is cosines and sines at falling rates", async () => {
  const run = compile(({ t }: { t: Tensor }) => ({ waves: timeEmbedding(t, 6) }));
  const { waves } = await run({ t: float([0, 500]) });
  await run.release();
  const angles = [500, 500 / 10_000 ** (1 / 3), 500 / 10_000 ** (2 / 3)];
  const expected = [1, 1, 1, 0, 0, 0, ...angles.map(Math.cos), ...angles.map(Math.sin)];
  expected.forEach((y, i) => {
    expect(waves.data[i]).toBeCloseTo(y, 4);
  });
  expect(() => timeEmbedding(conditionInputs([size], 1, [1, 1]).size!, 3)).toThrow(/must be even, got 3/);
});

it("without conditions or time there is nothing to be conditioned on", () => {
  const { params } = Scope.declare(
    (s) => expect(embedConditions(s, [], {}, { width: 4 })).toEqual({}),
    RandomKey.fromSeed(0),
  );
  expect(params).toEqual({});
});

it("refuses what cannot be, naming the condition", () => {
  const refused = (conditions: readonly Condition[], message: RegExp): void => {
    expect(() => checkConditions(conditions)).toThrow(ArgumentError);
    expect(() => checkConditions(conditions)).toThrow(message);
  };
  refused([kind, { ...size, name: "kind" }], /"kind": another condition/);
  refused([{ ...kind, name: "a.b" }], /"a\.b": a name/);
  refused([{ ...kind, drop: 1.5 }], /"kind": drop is a probability, got 1\.5/);
  refused([{ ...kind, classes: 0 }], /"kind": classes must be a whole number/);
  refused([{ ...caption, length: 2.5 } as Condition], /"caption": length must be a whole number/);
  const embed = (values: Record<string, Tensor>) => () =>
    Scope.declare((s) => embedConditions(s, [kind, size], values, { width: 4 }), RandomKey.fromSeed(0));
  const { kind: labels } = conditionInputs([kind], 2, [1, 1]);
  expect(embed({ kind: labels! })).toThrow(/"size" \(vector\) has no values; given: kind/);
  const wrong = conditionInputs([{ ...size, width: 3 } as Condition], 2, [1, 1]);
  expect(embed({ kind: labels!, size: wrong.size! })).toThrow(
    /"size" \(vector\) takes values of the shape \[2, 2\], got \[2, 3\]/,
  );
});
