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
  rotaryTable,
  type Scope,
  type Tensor,
} from "@atelier/engine";
import { embedTokens, hiddenStates, tokenLogits } from "../../backbones/tokens.js";
import { type Attend, attendCausally, type RotaryAngles, transformer } from "../../backbones/transformer.js";
import type { TrainableFamily } from "../../family.js";
import type { GptConfiguration } from "./configuration.js";

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

/** tokens: (B, T) int32, T ≤ context → logits (B · T, V) @throws {ArgumentError} for a sequence longer than the context */
export const gptLogits = (scope: Scope, c: GptConfiguration, tokens: Tensor): Tensor =>
  tokenLogits(scope, c, hiddenStates(scope, c, tokens, attendCausally));

/** Keys and values of each layer: (B, G, S, D) as a cache, (B, G, T, D) of the tokens just read. */
export interface KeyValues {
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
}

export interface DecodeInputs {
  /** What each row reads now: (B, T) int32 */
  readonly tokens: Tensor;
  /** Where each of them stands: (B, T) int32 */
  readonly positions: Tensor;
  /** 1 where a token sees a slot of the cache, or one of the tokens read with it: (B or 1, 1, T, S + T) float32 */
  readonly visible: Tensor;
  /** What was read before; absent at the beginning, where S is 0. */
  readonly cache?: KeyValues | undefined;
}

/**
 * Reads T tokens a row beside those in the cache: a whole prompt at once, or one token after another. Rows stand at positions of
 * their own, and what each sees is said by `visible` alone, so slots that are not in use may hold anything.
 *
 * @returns the logits after every token, (B · T, V), and the new keys and values, which the caller writes into its cache
 */
export function gptDecode(
  scope: Scope,
  c: GptConfiguration,
  { tokens, positions, visible, cache }: DecodeInputs,
): { logits: Tensor } & KeyValues {
  const x = embedTokens(scope, c, tokens, (table) => table.gather(positions)); // (B, T, C)
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  const bias = visible.sub(1).mul(-MASKED); // (B or 1, 1, T, S + T): 0 or MASKED
  const attend: Attend = (query, key, value, layer) => {
    keys.push(key);
    values.push(value);
    if (cache === undefined) return attention(query, key, value, { bias });
    const allKeys = concat([cache.keys[layer]!, key], 2); // (B, G, S + T, D)
    const allValues = concat([cache.values[layer]!, value], 2);
    return attention(query, allKeys, allValues, { bias });
  };
  const hidden = transformer(scope, c, { x, angles: anglesAt(c, positions), attend }); // (B, T, C)
  return { logits: tokenLogits(scope, c, hidden), keys, values };
}

/** The rotary angles at (B, T) positions: (B, 1, T, D/2) */
function anglesAt(c: GptConfiguration, positions: Tensor): RotaryAngles | undefined {
  if (c.positions !== "rotary") return undefined;
  const { cos, sin } = rotaryTable(c.context, c.width / c.heads);
  return { cos: cos.gather(positions).expandDims(1), sin: sin.gather(positions).expandDims(1) };
}

/** How many numbers are trained. */
export function countParameters(params: Iterable<{ readonly shape: readonly number[] }>): number {
  let total = 0;
  for (const { shape } of params) total += shape.reduce((product, n) => product * n, 1);
  return total;
}
