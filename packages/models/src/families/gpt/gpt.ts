/**
 * The GPT family: next-token prediction over streams of tokens.
 *
 * @example
 * const family = gpt(modernGpt({ vocabulary: 65, context: 64, layers: 4, heads: 4, width: 128 }));
 */
import {
  ArgumentError,
  attention,
  concat,
  crossEntropy,
  input,
  MASKED,
  normal,
  rotaryTable,
  type Scope,
  type Tensor,
  zeros,
} from "@atelier/engine";
import type { TrainableFamily } from "../../family.js";
import type { GptConfiguration } from "./configuration.js";
import { type Attend, attendCausally, type RotaryAngles, transformer } from "./transformer.js";

export function gpt(configuration: GptConfiguration): TrainableFamily {
  return {
    name: "gpt",
    can: ["generate", "score"],
    networks: {
      gpt: (scope) => gptLogits(scope, configuration, input("tokens", [1, configuration.context], "int32")),
    },
    phases: [
      {
        name: "next-token",
        every: 1,
        trains: ["gpt"],
        loss: ({ gpt: scope }, { inputs, targets }) => {
          if (scope === undefined || inputs === undefined || targets === undefined) {
            throw new ArgumentError("gpt: a batch has inputs and targets, (B, T) int32");
          }
          return { loss: gptLoss(scope, configuration, inputs as Tensor, targets as Tensor) };
        },
      },
    ],
  };
}

/** Mean cross-entropy in nats. inputs, targets: (B, T) int32 */
export const gptLoss = (scope: Scope, c: GptConfiguration, inputs: Tensor, targets: Tensor): Tensor =>
  crossEntropy(gptLogits(scope, c, inputs), targets.reshape([-1]));

/** tokens: (B, T) int32, T ≤ context → logits (B · T, V) */
export function gptLogits(scope: Scope, c: GptConfiguration, tokens: Tensor): Tensor {
  const length = tokens.shape[1]!;
  if (length > c.context) {
    throw new ArgumentError(`gpt: a sequence of ${length} tokens is longer than the context of ${c.context}`);
  }
  const x = embed(scope, c, tokens, (table) => table.slice(0, 0, length)); // (B, T, C)
  const angles = c.positions === "rotary" ? rotaryTable(length, c.width / c.heads) : undefined;
  return head(scope, c, transformer(scope, c, { x, angles, attend: attendCausally }));
}

/** What one step of generation reads and returns beside the logits: keys and values per layer, (B, G, S, D) and (B, G, 1, D). */
export interface KeyValues {
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
}

/**
 * The logits of the next token, from one token a row and the cached keys and values of those before it.
 *
 * tokens, positions: (B) int32; `visible` (1, 1, 1, S + 1) float32 is 1 for the cache slots in use and for the token itself.
 * @returns logits (B, V) and the new keys and values, which the caller writes into its cache
 */
export function gptDecode(
  scope: Scope,
  c: GptConfiguration,
  { tokens, positions, visible, cache }: { tokens: Tensor; positions: Tensor; visible: Tensor; cache: KeyValues },
): { logits: Tensor } & KeyValues {
  const batch = tokens.shape[0]!;
  const x = embed(scope, c, tokens.reshape([batch, 1]), (table) => table.gather(positions).expandDims(1)); // (B, 1, C)
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  const bias = visible.sub(1).mul(-MASKED); // (1, 1, 1, S + 1): 0 or MASKED
  const attend: Attend = (query, key, value, layer) => {
    keys.push(key);
    values.push(value);
    const allKeys = concat([cache.keys[layer]!, key], 2); // (B, G, S + 1, D)
    const allValues = concat([cache.values[layer]!, value], 2);
    return attention(query, allKeys, allValues, { bias });
  };
  const hidden = transformer(scope, c, { x, angles: anglesAt(c, positions), attend });
  return { logits: head(scope, c, hidden), keys, values };
}

/** The rotary angles of one position a row: (B, 1, 1, D/2) */
function anglesAt(c: GptConfiguration, positions: Tensor): RotaryAngles | undefined {
  if (c.positions !== "rotary") return undefined;
  const { cos, sin } = rotaryTable(c.context, c.width / c.heads);
  const shape = [positions.shape[0]!, 1, 1, c.width / c.heads / 2];
  return { cos: cos.gather(positions).reshape(shape), sin: sin.gather(positions).reshape(shape) };
}

function embed(scope: Scope, c: GptConfiguration, tokens: Tensor, pick: (table: Tensor) => Tensor): Tensor {
  return scope.at("embedding", (s) => {
    // A table that is also the head must start small, or the first logits are far too sure of the token just read.
    const table = s.param("tokens", [c.vocabulary, c.width], normal(c.zeroProjections && !c.tiedHead ? 1 : 0.02));
    const x = table.gather(tokens); // (B, T, C)
    return c.positions === "learned" ? x.add(pick(s.param("positions", [c.context, c.width], normal(0.02)))) : x;
  });
}

/** (B, T, C) → (B · T, V) */
function head(scope: Scope, c: GptConfiguration, hidden: Tensor): Tensor {
  const rows = hidden.reshape([-1, c.width]);
  if (c.tiedHead) {
    const table = scope.at("embedding").param("tokens", [c.vocabulary, c.width], normal(0.02));
    return rows.matmul(table.transpose());
  }
  return rows.matmul(
    scope.at("head").param("weight", [c.width, c.vocabulary], c.zeroProjections ? zeros : normal(0.02)),
  );
}

/** How many numbers are trained. */
export function countParameters(params: Iterable<{ readonly shape: readonly number[] }>): number {
  let total = 0;
  for (const { shape } of params) total += shape.reduce((product, n) => product * n, 1);
  return total;
}
