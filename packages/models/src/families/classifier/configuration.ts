/** The settings of a classifier, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import { checkNetwork, checkShape, type GridNetwork, type GridShape, requireWhole } from "../grid-network.js";

export interface ClassifierConfiguration {
  /** Channels, height and width of a picture. */
  readonly shape: GridShape;
  readonly classes: number;
  /** Width of the layer before the last, whose values are the features. */
  readonly features: number;
  readonly network: GridNetwork;
  /** Share of every target that is spread over all classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing: number;
}

export type ClassifierSize = Pick<ClassifierConfiguration, "shape" | "classes">;

/** A complete configuration from the sizes. @throws {ArgumentError} naming the setting that cannot be */
export function classifierConfiguration(
  settings: ClassifierSize & Partial<ClassifierConfiguration>,
): ClassifierConfiguration {
  const c: ClassifierConfiguration = {
    features: 128,
    network: { kind: "convolutional", channels: [32, 64], blocks: 1 },
    labelSmoothing: 0,
    ...settings,
  };
  checkShape("classifier", c.shape);
  checkNetwork("classifier", c.network);
  requireWhole("classifier", { features: c.features });
  requireWhole("classifier", { classes: c.classes }, 2);
  if (!(c.labelSmoothing >= 0 && c.labelSmoothing < 1)) {
    throw new ArgumentError(`classifier: labelSmoothing must lie in [0, 1), got ${c.labelSmoothing}`, {
      hint: 'Change "labelSmoothing" in the recipe.',
    });
  }
  return c;
}
