/** Reads what `model.json` says of a picture model. */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { withArticle } from "../../cli/format.js";

/** @throws {FormatError} naming the setting that is missing or wrong */
export function parseConfiguration<T>(schema: z.ZodType<T>, json: unknown, family: string, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FormatError(
    `${file}: the configuration is not that of ${withArticle(family)}: ${parsed.error.issues[0]!.path.join(".")}`,
    {
      hint: "The model was saved by another version, or the file was altered.",
    },
  );
}

export const classNames = z.array(z.string());

const whole = z.int().min(1);
export const gridNetworkSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mlp"), hidden: z.array(whole) }),
  z.strictObject({
    kind: z.literal("convolutional"),
    channels: z.array(whole),
    blocks: z.int().min(0),
    norm: z.enum(["none", "group", "batch"]),
  }),
]);
export const convolutionalSchema = gridNetworkSchema.def.options[1];

/** `convolutions of 32, 64 channels` */
export const describeNetwork = (network: z.infer<typeof gridNetworkSchema>): string =>
  network.kind === "mlp"
    ? `perceptrons of ${network.hidden.join(", ")}`
    : `convolutions of ${network.channels.join(", ")} channels`;
