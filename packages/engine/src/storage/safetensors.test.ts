import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HostTensor, hostTensor } from "../dtype.js";
import { ArgumentError, AtelierError, FormatError } from "../errors.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromBfloat16Bits,
  fromFloat16Bits,
  toBfloat16Bits,
  toFloat16Bits,
} from "./index.js";

const join = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));

/** A file made by hand from header text and data, independent of the encoder. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const problem = (bytes: Uint8Array): string => {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error("decoded without complaint");
};

describe("half precision", () => {
  // Bit patterns from numpy 2.4: np.array(values, "<f4").astype("<f2").view("<u2"); ties and the ends of every range.
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [1e30, 0x7c00],
    [-Infinity, 0xfc00],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -25, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -25, 0x0001],
    [2 ** -26, 0x0000],
    [1e-40, 0x0000],
  ])("binary16 of %f", (value, bits) => {
    expect(toFloat16Bits(value)).toBe(bits);
  });

  // bfloat16: the upper half of the float32 pattern, rounded; e.g. 0.1 = 0x3dcccccd → 0x3dcd, 1 + 2^-8 is a tie → even.
  it.each([
    [1, 0x3f80],
    [-0, 0x8000],
    [0.1, 0x3dcd],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [3.4028234663852886e38, 0x7f80],
    [-Infinity, 0xff80],
    [2 ** -133, 0x0001],
  ])("bfloat16 of %f", (value, bits) => {
    expect(toBfloat16Bits(value)).toBe(bits);
  });

  it("keeps NaN a NaN, also where its payload is in the low bits only", () => {
    const lowPayload = new Float32Array(new Uint32Array([0x7f800001]).buffer)[0]!;
    for (const value of [Number.NaN, lowPayload]) {
      expect(fromFloat16Bits(toFloat16Bits(value))).toBeNaN();
      expect(fromBfloat16Bits(toBfloat16Bits(value))).toBeNaN();
    }
  });

  it("round-trips every one of the 65,536 patterns that is not NaN", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const half = fromFloat16Bits(bits);
      if (!Number.isNaN(half) && toFloat16Bits(half) !== bits) expect(toFloat16Bits(half)).toBe(bits);
      const brain = fromBfloat16Bits(bits);
      if (!Number.isNaN(brain) && toBfloat16Bits(brain) !== bits) expect(toBfloat16Bits(brain)).toBe(bits);
    }
  });

  it("rounds to the nearest representable number (against a search over all of them)", () => {
    const finite = Array.from({ length: 0x7c00 }, (_, bits) => fromFloat16Bits(bits));
    fc.assert(
      fc.property(fc.float({ min: 0, max: 65504, noNaN: true }), (value) => {
        const chosen = Math.abs(fromFloat16Bits(toFloat16Bits(value)) - value);
        let least = Number.POSITIVE_INFINITY;
        for (const candidate of finite) least = Math.min(least, Math.abs(candidate - value));
        expect(chosen).toBe(least);
      }),
      { numRuns: 100 },
    );
  });
});

describe("encode", () => {
  it("writes the bytes the format describes", () => {
    const bytes = join(encodeSafetensors(new Map([["a", hostTensor(new Int32Array([1, -1]))]]), { k: "v" }));
    const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(80, " ");
    expect(Buffer.from(bytes).toString("latin1")).toBe(
      `${String.fromCharCode(80, 0, 0, 0, 0, 0, 0, 0)}${padded}\x01\0\0\0\xff\xff\xff\xff`,
    );
  });

  it("gives the same bytes whatever the order, wider types first, so that every tensor is aligned", () => {
    const tensors: [string, HostTensor & { storedAs?: "I64" | "F16" }][] = [
      ["flag", hostTensor(new Uint8Array([1, 0, 1]))],
      ["10", hostTensor(new Float32Array([0.5]))],
      ["9", { ...hostTensor(new Float32Array([1, 2, 3])), storedAs: "F16" }],
      ["long", { ...hostTensor(new Int32Array([-5])), storedAs: "I64" }],
    ];
    const bytes = join(encodeSafetensors(new Map(tensors)));
    expect(join(encodeSafetensors(new Map(tensors.toReversed())))).toEqual(bytes);
    expect([...decodeSafetensors(bytes).tensors.keys()]).toEqual(["long", "10", "9", "flag"]);
  });

  it("refuses what cannot be stored", () => {
    const one = hostTensor(new Float32Array(1));
    expect(() => encodeSafetensors(new Map([["a", { ...one, storedAs: "I64" as const }]]))).toThrow(ArgumentError);
    expect(() => encodeSafetensors(new Map([["a", { ...one, shape: [2] }]]))).toThrow(/do not fill/);
    expect(() => encodeSafetensors(new Map([["__metadata__", one]]))).toThrow(ArgumentError);
    expect(() => encodeSafetensors(new Map([["a", hostTensor(new Uint8Array([2]))]]))).toThrow(/other than 0 and 1/);
  });
});

describe("decode", () => {
  it("reads every type from hand-made bytes", () => {
    const header = `{"f":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
      "h":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}, "b":{"dtype":"BF16","shape":[1,1],"data_offsets":[6,8]},
      "l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}, "u":{"dtype":"U8","shape":[2],"data_offsets":[16,18]},
      "o":{"dtype":"BOOL","shape":[2],"data_offsets":[18,20]}, "e":{"dtype":"F32","shape":[0,3],"data_offsets":[20,20]}}`;
    const data = [
      0, 0, 0x80, 0x3f, 0x66, 0x2e, 0xcd, 0x3d, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 200, 7, 1, 0,
    ];
    // One extra space or none: aligned and unaligned data must read the same.
    for (const text of [header, `${header} `]) {
      const { tensors } = decodeSafetensors(file(text, data));
      const values = Object.fromEntries([...tensors].map(([name, t]) => [name, [t.dtype, t.shape, [...t.data]]]));
      expect(values).toEqual({
        f: ["float32", [], [1]],
        h: ["float32", [1], [0.0999755859375]],
        b: ["float32", [1, 1], [0.10009765625]],
        l: ["int32", [1], [-2]],
        u: ["int32", [2], [200, 7]],
        o: ["bool", [2], [1, 0]],
        e: ["float32", [0, 3], []],
      });
    }
  });

  it("says what is wrong and where", () => {
    const entry = (dtype: string, shape: string, offsets: string): string =>
      `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
    const f32 = entry("F32", "[1]", "[0,4]");
    const huge = file("{}");
    huge.set([0, 0, 0, 0, 1], 0);
    expect(problem(new Uint8Array(3))).toMatch(/3 bytes/);
    expect(problem(huge)).toMatch(/header of 4294967296 bytes; the limit is 100000000/);
    expect(problem(file('{"a":', []))).toMatch(/not JSON/);
    expect(problem(file("[]"))).toMatch(/does not start with/);
    expect(problem(file("{}", [1]))).toMatch(/take 0 bytes of data, but the file holds 1/);
    expect(problem(file(`{"a":${f32}}`, [0, 0, 0]))).toMatch(/take 4 bytes of data, but the file holds 3/);
    expect(problem(file(`{"a":${f32},"a":${f32}}`, [0, 0, 0, 0]))).toMatch(/"a" twice/);
    expect(problem(file(`{"a":${f32},"\\u0061":${f32}}`, [0, 0, 0, 0]))).toMatch(/"a" twice/);
    expect(problem(file(`{"a":${entry("F64", "[1]", "[0,8]")}}`))).toMatch(/"a" has the data type "F64"/);
    expect(problem(file(`{"a":${entry("F32", "[2]", "[0,4]")}}`, [0, 0, 0, 0]))).toMatch(/\[2\] of F32 takes 8/);
    expect(problem(file(`{"a":${entry("F32", "[-1]", "[0,4]")}}`, [0, 0, 0, 0]))).toMatch(/shape/);
    expect(problem(file(`{"a":${entry("F32", "[1]", "[0,4,4]")}}`, [0, 0, 0, 0]))).toMatch(/data_offsets/);
    expect(problem(file(`{"a":${entry("F32", "[1]", "[4,8]")}}`, Array(8).fill(0)))).toMatch(/leaves a gap/);
    expect(problem(file(`{"a":${f32},"b":${entry("U8", "[4]", "[2,6]")}}`, Array(6).fill(0)))).toMatch(/overlaps/);
    expect(problem(file('{"__metadata__":{"a":1}}'))).toMatch(/entry "a" is not a string/);
    expect(problem(file(`{"a":${entry("BOOL", "[2]", "[0,2]")}}`, [1, 2]))).toMatch(/element 1 of a BOOL/);
    expect(problem(file(`{"a":${entry("I64", "[1]", "[0,8]")}}`, [0, 0, 0, 128, 0, 0, 0, 0]))).toMatch(
      /"a": element 0 is 2147483648/,
    );
    const notText = file(`{"a":${f32}}`, [0, 0, 0, 0]);
    notText[10] = 0xff;
    expect(problem(notText)).toMatch(/UTF-8/);
  });
});

const tensorArbitrary: fc.Arbitrary<HostTensor & { storedAs?: "F32" | "I64" }> = fc
  .array(fc.nat(4), { maxLength: 4 })
  .chain((shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const exact = { minLength: size, maxLength: size };
    return fc.oneof(
      fc.float32Array(exact).map((data) => ({ ...hostTensor(data, shape), storedAs: "F32" as const })),
      fc.int32Array(exact).map((data) => hostTensor(data, shape)),
      fc.int32Array(exact).map((data) => ({ ...hostTensor(data, shape), storedAs: "I64" as const })),
      fc.uint8Array({ ...exact, max: 1 }).map((data) => hostTensor(data, shape)),
    );
  });
const filesArbitrary = fc.tuple(
  fc.dictionary(
    fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => name !== "__metadata__"),
    tensorArbitrary,
  ),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ unit: "grapheme", maxLength: 8 })),
);

describe("properties", () => {
  it("decodes what it encoded, bit for bit, with any names and shapes", () => {
    fc.assert(
      fc.property(filesArbitrary, ([record, metadata]) => {
        const bytes = join(encodeSafetensors(new Map(Object.entries(record)), metadata));
        const decoded = decodeSafetensors(bytes);
        expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(decoded.tensors.size).toBe(Object.keys(record).length);
        for (const [name, tensor] of Object.entries(record)) {
          const back = decoded.tensors.get(name)!;
          expect([back.dtype, back.shape]).toEqual([tensor.dtype, tensor.shape]);
          const raw = (t: HostTensor): Buffer => Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength);
          expect(raw(back).equals(raw(tensor))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("any altered header byte or cut either decodes consistently or throws FormatError, nothing else", () => {
    const seen = { decoded: 0, refused: 0 };
    fc.assert(
      fc.property(
        filesArbitrary,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        ([record, metadata], at, flip, cut) => {
          const whole = join(encodeSafetensors(new Map(Object.entries(record)), metadata));
          const headerEnd = 8 + new DataView(whole.buffer).getUint32(0, true);
          const bytes = cut ? whole.slice(0, at % whole.length) : whole.slice();
          if (!cut) bytes[at % headerEnd]! ^= flip;
          try {
            const { tensors } = decodeSafetensors(bytes);
            seen.decoded++;
            for (const { shape, data } of tensors.values()) {
              expect(data.length).toBe(shape.reduce((product, n) => product * n, 1));
            }
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            expect(AtelierError.isInstance(error) && error.message.length > 10).toBe(true);
            seen.refused++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.decoded, seen.refused)).toBeGreaterThan(20);
  });

  it("arbitrary header text never surprises", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string({ unit: "binary" })),
        fc.uint8Array({ maxLength: 16 }),
        (text, data) => {
          try {
            decodeSafetensors(file(text, [...data]));
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

const fixtures = new URL("../../../../../shared/fixtures/", import.meta.url);
const trajectory = new URL("nanogpt-trajectory.safetensors", fixtures);
const gpt2 = new URL("hf-gpt2-tiny/model.safetensors", fixtures);
describe.skipIf(!existsSync(trajectory) || !existsSync(gpt2))("files written by others", () => {
  it.each([trajectory, gpt2])("reads %s: every tensor of the header, with finite numbers", (url) => {
    const bytes = new Uint8Array(readFileSync(url));
    const header: Record<string, { shape?: number[] }> = JSON.parse(
      Buffer.from(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)))).toString(),
    );
    delete header.__metadata__;
    const { tensors } = decodeSafetensors(bytes);
    expect(Object.fromEntries([...tensors].map(([name, t]) => [name, t.shape]))).toEqual(
      Object.fromEntries(Object.entries(header).map(([name, entry]) => [name, entry.shape])),
    );
    for (const { data } of tensors.values()) expect(data.every((value) => Number.isFinite(value))).toBe(true);
  });
});
