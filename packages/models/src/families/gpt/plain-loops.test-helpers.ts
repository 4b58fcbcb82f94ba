/** The transformer written out in plain float64 loops, one sequence at a time: what the variants mean, sharing no code with them. */
import { flattenTree, type HostTensor, type TreeRecord } from "@atelier/engine";
import type { GptConfiguration } from "./configuration.js";

type Vector = number[];

const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const plus = (a: Vector, b: Vector): Vector => a.map((x, i) => x + b[i]!);

/** Abramowitz and Stegun, 7.1.5; 1 to float32 beyond 5. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const activations: Record<Exclude<GptConfiguration["activation"], "swiglu">, (x: number) => number> = {
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  "gelu-tanh": (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  "relu-squared": (x) => Math.max(x, 0) ** 2,
};

const rms = (x: Vector): Vector => {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + 1e-6);
  return x.map((value) => value * scale);
};

/** Su et al. 2021, with the pairs (i, i + D/2) turned by position × 10000^(−2i/D). */
const rotated = (x: Vector, position: number): Vector => {
  const half = x.length / 2;
  return x.map((value, i) => {
    const angle = position * 10_000 ** ((-2 * (i % half)) / x.length);
    return i < half
      ? value * Math.cos(angle) - x[i + half]! * Math.sin(angle)
      : value * Math.cos(angle) + x[i - half]! * Math.sin(angle);
  });
};

/** The logits of every position. */
export function plainLogits(c: GptConfiguration, params: TreeRecord<HostTensor>, tokens: readonly number[]): Vector[] {
  const weights = new Map(flattenTree<HostTensor>(params).map(([path, { data }]) => [path, [...data].map(Number)]));
  const row = (name: string, i: number): Vector => weights.get(name)!.slice(i * c.width, (i + 1) * c.width);

  const linear = (name: string, x: Vector, out: number): Vector => {
    const matrix = weights.get(`${name}.weight`)!;
    return Array.from({ length: out }, (_, j) => {
      const sum = x.reduce((total, value, i) => total + value * matrix[i * out + j]!, 0);
      return sum + (c.bias ? weights.get(`${name}.bias`)![j]! : 0);
    });
  };
  const norm = (name: string, x: Vector): Vector => {
    if (c.norm === "rms-plain") return rms(x);
    const scale = weights.get(`${name}.scale`)!;
    if (c.norm === "rms") return rms(x).map((value, i) => value * scale[i]!);
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    return x.map((value, i) => {
      const shift = c.bias ? weights.get(`${name}.shift`)![i]! : 0;
      return ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i]! + shift;
    });
  };

  const d = c.width / c.heads;
  const attention = (name: string, inputs: Vector[]): Vector[] => {
    const split = inputs.map((x, t) => {
      const joint = linear(`${name}.qkv`, x, (c.heads + 2 * c.keyValueHeads) * d);
      const head = (i: number): Vector => joint.slice(i * d, (i + 1) * d);
      const turned = (y: Vector): Vector => {
        const normal = c.queryKeyNorm ? rms(y) : y;
        return c.positions === "rotary" ? rotated(normal, t) : normal;
      };
      return {
        query: (h: number): Vector => turned(head(h)),
        key: (g: number): Vector => turned(head(c.heads + g)),
        value: (g: number): Vector => head(c.heads + c.keyValueHeads + g),
      };
    });
    return split.map(({ query }, t) => {
      const mixed: Vector = [];
      for (let h = 0; h < c.heads; h++) {
        // Neighbouring query heads share a key head (Ainslie et al. 2023).
        const g = Math.floor(h / (c.heads / c.keyValueHeads));
        const scores = split.slice(0, t + 1).map(({ key }) => Math.exp(dot(query(h), key(g)) / Math.sqrt(d)));
        const total = scores.reduce((a, b) => a + b);
        for (let i = 0; i < d; i++)
          mixed.push(scores.reduce((sum, score, s) => sum + (score / total) * split[s]!.value(g)[i]!, 0));
      }
      return linear(`${name}.output`, mixed, c.width);
    });
  };
  const mlp = (name: string, x: Vector): Vector => {
    const expanded = linear(`${name}.expand`, x, c.hidden);
    const { activation } = c;
    const inside =
      activation === "swiglu"
        ? linear(`${name}.gate`, x, c.hidden).map((gate, i) => (gate / (1 + Math.exp(-gate))) * expanded[i]!)
        : expanded.map(activations[activation]);
    return linear(`${name}.contract`, inside, c.width);
  };

  let h = tokens.map((token, t) => {
    const x = row("embedding.tokens", token);
    return c.positions === "learned" ? plus(x, row("embedding.positions", t)) : x;
  });
  if (c.norm === "rms-plain") h = h.map(rms);
  for (let layer = 0; layer < c.layers; layer++) {
    const block = `blocks.${layer}`;
    const attended = attention(
      `${block}.attention`,
      h.map((x) => norm(`${block}.norm1`, x)),
    );
    h = h.map((x, t) => plus(x, attended[t]!));
    h = h.map((x) => plus(x, mlp(`${block}.mlp`, norm(`${block}.norm2`, x))));
  }
  return h.map((x) => {
    const last = norm("norm", x);
    if (c.tiedHead) return Array.from({ length: c.vocabulary }, (_, v) => dot(last, row("embedding.tokens", v)));
    const matrix = weights.get("head.weight")!;
    return Array.from({ length: c.vocabulary }, (_, v) =>
      last.reduce((sum, value, i) => sum + value * matrix[i * c.vocabulary + v]!, 0),
    );
  });
}
