/**
 * The BERT family: a transformer that sees both sides learns to name the tokens that were hidden from it (Devlin et al. 2018,
 * section 3.1, task 1), each time others (RoBERTa, Liu et al. 2019, section 4.1). There is no next-sentence prediction: RoBERTa does as well
 * or better without it (section 4.2).
 *
 * B: rows, T: positions, K: hidden positions a row, C: width, V: vocabulary.
 *
 * @example
 * const family = bert(modernBert({ vocabulary: 66, context: 64, layers: 4, heads: 4, width: 128 }));
 */
import {
  ArgumentError,
  input,
  iota,
  type Scope,
  type Tensor,
  type TreeRecord,
  tokenCrossEntropy,
} from "@atelier/engine";
import type { TransformerConfiguration } from "../../backbones/configuration.js";
import { hiddenStates, tokenLogits } from "../../backbones/tokens.js";
import { attendFully, attendToVisible } from "../../backbones/transformer.js";
import type { TrainableFamily } from "../../family.js";

/** Rows with hidden tokens, as `maskTokens` and `maskEach` make them. A type, not an interface, so that it is a tree of tensors. */
export type MaskedRows<T = Tensor> = {
  /** (B, T) int32: the tokens, some of them hidden or replaced. */
  readonly inputs: T;
  /** (B, K) int32: where in its row each token to be named stands. */
  readonly positions: T;
  /** (B, K) int32: that token, or −1 in a row that has fewer than K of them. */
  readonly targets: T;
  /** (B, T) float32: 1 for tokens, 0 for padding behind them. Without it, all are tokens. */
  readonly visible?: T;
};

export function bert(configuration: TransformerConfiguration): TrainableFamily {
  return {
    name: "bert",
    can: ["fill", "score", "embed"],
    networks: {
      bert: (scope) => bertLogits(scope, configuration, input("tokens", [1, configuration.context], "int32")),
    },
    phases: [
      {
        name: "masked-tokens",
        every: 1,
        trains: ["bert"],
        loss: ({ bert: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('bert: the network "bert" is missing');
          return { loss: bertLoss(scope, configuration, requireRows(batch)) };
        },
      },
    ],
  };
}

/** Mean cross-entropy of the hidden tokens, in nats. */
export function bertLoss(scope: Scope, c: TransformerConfiguration, rows: MaskedRows): Tensor {
  const there = rows.targets.greaterEqual(0).cast("float32").sum(); // ()
  return bertNats(scope, c, rows).sum().div(there.maximum(1));
}

/** The cross-entropy of each hidden token by itself, in nats; 0 where the target is −1. (B, K) */
export function bertNats(scope: Scope, c: TransformerConfiguration, rows: MaskedRows): Tensor {
  const { inputs, positions, targets, visible } = rows;
  const logits = bertLogits(scope, c, inputs, { positions, visible }); // (B · K, V)
  const nats = tokenCrossEntropy(logits, targets.maximum(0).reshape([-1])).reshape(targets.shape); // (B, K)
  return nats.mul(targets.greaterEqual(0).cast("float32"));
}

/**
 * The logits of the tokens at `positions` (B, K) int32, or at all of them: to fill blanks, give the positions of the blanks. Only what is
 * asked for goes through the head, which is much of the work where the vocabulary is large.
 *
 * tokens: (B, T) int32, T ≤ context; visible: (B, T) float32
 * @returns (B · K, V), or (B · T, V) without positions
 */
export function bertLogits(
  scope: Scope,
  c: TransformerConfiguration,
  tokens: Tensor,
  { positions, visible }: { readonly positions?: Tensor | undefined; readonly visible?: Tensor | undefined } = {},
): Tensor {
  const hidden = bertHidden(scope, c, tokens, visible); // (B, T, C)
  if (positions === undefined) return tokenLogits(scope, c, hidden);
  const [rows, length] = tokens.shape as [number, number];
  const places = positions.add(iota(rows).mul(length).expandDims(-1)).reshape([-1]); // (B · K), counted through all rows
  return tokenLogits(scope, c, hidden.reshape([rows * length, c.width]).gather(places));
}

/** tokens: (B, T) int32, T ≤ context; visible: (B, T) float32 → (B, T, C); of no meaning where a token is not visible. */
export const bertHidden = (scope: Scope, c: TransformerConfiguration, tokens: Tensor, visible?: Tensor): Tensor =>
  hiddenStates(scope, c, tokens, visible === undefined ? attendFully : attendToVisible(visible));

/**
 * One vector of length 1 for each row: the mean of its visible hidden states, divided by its norm (zeros for a row that has none). Inner
 * products of them are cosine similarities. The mean tells texts apart better than the hidden state of one token at the front (Reimers
 * and Gurevych 2019, section 4.1).
 *
 * tokens: (B, T) int32, T ≤ context; visible: (B, T) float32 → (B, C)
 */
export function bertEmbed(scope: Scope, c: TransformerConfiguration, tokens: Tensor, visible?: Tensor): Tensor {
  const hidden = bertHidden(scope, c, tokens, visible); // (B, T, C)
  // The sum points where the mean does.
  const sum = (visible === undefined ? hidden : hidden.mul(visible.expandDims(-1))).sum(1); // (B, C)
  return sum.div(sum.square().sum(-1, true).sqrt().maximum(1e-12)); // (B, C)
}

function requireRows({ inputs, positions, targets, visible }: TreeRecord<Tensor>): MaskedRows {
  if (inputs === undefined || positions === undefined || targets === undefined) {
    throw new ArgumentError("bert: a batch has inputs (B, T), positions and targets (B, K), all int32");
  }
  // Leaves of a batch: a tree in their place would fail at the first operation, which names it.
  const rows = { inputs: inputs as Tensor, positions: positions as Tensor, targets: targets as Tensor };
  return visible === undefined ? rows : { ...rows, visible: visible as Tensor };
}
