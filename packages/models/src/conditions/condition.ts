/**
 * Conditions: what generation is asked for. A condition has a name, a role and a null value, which stands in for it with probability
 * `drop` while training, so that one model learns with and without it and can be guided (Ho and Salimans 2022, "Classifier-free
 * diffusion guidance").
 */
import { ArgumentError, input, type Tensor } from "@atelier/engine";

export type Condition = LabelCondition | VectorCondition | TokensCondition | GridCondition;

interface Named {
  /** Under which a batch carries its values: letters, digits, `-` and `_`. */
  readonly name: string;
  /** Probability that the null value stands in while training, in [0, 1]. */
  readonly drop: number;
}

/** One of so many classes. Values: (B) int32, −1 for none. */
export interface LabelCondition extends Named {
  readonly role: "label";
  readonly classes: number;
}

/** Numbers, such as measured properties. Values: (B, width) float32. */
export interface VectorCondition extends Named {
  readonly role: "vector";
  readonly width: number;
}

/** Words. Values: (B, length) int32, padded with −1. */
export interface TokensCondition extends Named {
  readonly role: "tokens";
  readonly vocabulary: number;
  readonly length: number;
}

/** A picture beside the picture: a mask, a first frame, a smaller copy. Values: (B, channels, H, W) float32. */
export interface GridCondition extends Named {
  readonly role: "grid";
  readonly channels: number;
}

/** Height and width, in pixels. */
export type PictureSize = readonly [height: number, width: number];

/** @throws {ArgumentError} naming the condition and the setting that cannot be, or the name that two of them have. */
export function checkConditions(conditions: readonly Condition[]): void {
  const names = new Set<string>();
  for (const condition of conditions) {
    const { name, drop } = condition;
    const refuse = (problem: string): never => {
      throw new ArgumentError(`The condition "${name}": ${problem}`);
    };
    if (!/^[\w-]+$/.test(name)) refuse('a name has letters, digits, "-" and "_" only');
    if (names.has(name)) refuse("another condition has this name");
    names.add(name);
    if (!(drop >= 0 && drop <= 1)) refuse(`drop is a probability, got ${drop}`);
    for (const [setting, value] of sizesOf(condition)) {
      if (!Number.isSafeInteger(value) || value < 1)
        refuse(`${setting} must be a whole number from 1 up, got ${value}`);
    }
  }
}

function sizesOf(condition: Condition): readonly (readonly [string, number])[] {
  switch (condition.role) {
    case "label":
      return [["classes", condition.classes]];
    case "vector":
      return [["width", condition.width]];
    case "tokens":
      return [
        ["vocabulary", condition.vocabulary],
        ["length", condition.length],
      ];
    case "grid":
      return [["channels", condition.channels]];
  }
}

/** The shape of a batch of a condition's values; those of a grid are pictures of `size`. */
export function conditionShape(condition: Condition, batch: number, size: PictureSize): readonly number[] {
  switch (condition.role) {
    case "label":
      return [batch];
    case "vector":
      return [batch, condition.width];
    case "tokens":
      return [batch, condition.length];
    case "grid":
      return [batch, condition.channels, ...size];
  }
}

/** Graph inputs for a batch of every condition's values, by name: to declare a network, or to export it. */
export function conditionInputs(
  conditions: readonly Condition[],
  batch: number,
  size: PictureSize,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    conditions.map((condition) => {
      const dtype = condition.role === "label" || condition.role === "tokens" ? "int32" : "float32";
      return [condition.name, input(condition.name, conditionShape(condition, batch, size), dtype)];
    }),
  );
}
