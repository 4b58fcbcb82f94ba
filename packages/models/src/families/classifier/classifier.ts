/**
 * A classifier of pictures. Its features are what Fréchet distances and the like compare pictures by, and its classes tell whether a
 * generator covers them all.
 *
 * B: batch, C, H, W: channels, height and width of a picture, F: features.
 *
 * @example
 * const family = classifier(classifierConfiguration({ shape: [1, 28, 28], classes: 10 }));
 */
import { ArgumentError, input, normal, type Scope, type Tensor, tokenCrossEntropy } from "@atelier/engine";
import type { TrainableFamily } from "../../family.js";
import { linear } from "../../layers/linear.js";
import { encodeGrid } from "../grid-network.js";
import { picturesOf } from "../picture-batch.js";
import type { ClassifierConfiguration } from "./configuration.js";

export function classifier(configuration: ClassifierConfiguration): TrainableFamily {
  return {
    name: "classifier",
    can: ["embed"],
    networks: {
      classifier: (scope) => classifierLogits(scope, configuration, input("x", [1, ...configuration.shape], "float32")),
    },
    phases: [
      {
        name: "classes",
        every: 1,
        trains: ["classifier"],
        loss: ({ classifier: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('classifier: the network "classifier" is missing');
          const { x, values } = picturesOf("classifier", batch);
          if (values.label === undefined) {
            throw new ArgumentError("classifier: a batch has label, (B) int32, −1 where there is none");
          }
          return classifierLoss(scope, configuration, x, values.label);
        },
      },
    ],
  };
}

/**
 * The mean cross-entropy in nats of the pictures that have a label, and as a metric the share of them that are named rightly.
 * x: (B, C, H, W), label: (B) int32, −1 for none
 */
export function classifierLoss(
  scope: Scope,
  c: ClassifierConfiguration,
  x: Tensor,
  label: Tensor,
): { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> } {
  const logits = classifierLogits(scope, c, x); // (B, classes)
  const labelled = label.greaterEqual(0).cast("float32"); // (B)
  const mean = (each: Tensor): Tensor => each.mul(labelled).sum().div(labelled.sum().maximum(1));
  const crossEntropy = mean(tokenCrossEntropy(logits, label.maximum(0)));
  const accuracy = mean(logits.argMax(-1).equal(label).cast("float32"));
  if (c.labelSmoothing === 0) return { loss: crossEntropy, metrics: { accuracy } };
  const spread = mean(logits.logSoftmax(-1).mean(-1)).neg();
  const loss = crossEntropy.mul(1 - c.labelSmoothing).add(spread.mul(c.labelSmoothing));
  return { loss, metrics: { accuracy } };
}

/** x: (B, C, H, W) → (B, classes) */
export function classifierLogits(scope: Scope, c: ClassifierConfiguration, x: Tensor): Tensor {
  const features = classifierFeatures(scope, c, x);
  const weight = normal(1 / Math.sqrt(c.features));
  return linear(scope.at("head"), features, c.classes, { bias: true, weight });
}

/** The values of the layer before the last. x: (B, C, H, W) → (B, F) */
export const classifierFeatures = (scope: Scope, c: ClassifierConfiguration, x: Tensor): Tensor =>
  scope.at("features", (s) => encodeGrid(s, c.network, x, c.features)).relu();
