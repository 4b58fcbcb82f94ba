/** Opens a saved model for use: family, settings, weights and codec, checked. */

import { loadTextCodec, type TokensCodec } from "@atelier/data";
import { FormatError, type HostTensor, type TreeRecord, treeFromPaths } from "@atelier/engine";
import { classicGpt, type GptConfiguration } from "@atelier/models";
import { z } from "zod";
import { loadModel, type ModelRecord } from "../storage/index.js";

const configurationSchema = z.strictObject({
  vocabulary: z.int(),
  context: z.int(),
  layers: z.int(),
  heads: z.int(),
  keyValueHeads: z.int(),
  width: z.int(),
  hidden: z.int(),
  bias: z.boolean(),
  dropout: z.number(),
  positions: z.enum(["learned", "rotary"]),
  norm: z.enum(["layer", "rms", "rms-plain"]),
  queryKeyNorm: z.boolean(),
  activation: z.enum(["gelu", "gelu-tanh", "relu-squared", "swiglu"]),
  tiedHead: z.boolean(),
  zeroProjections: z.boolean(),
});

export interface LoadedModel {
  readonly directory: string;
  readonly record: ModelRecord;
  readonly configuration: GptConfiguration;
  readonly weights: TreeRecord<HostTensor>;
  readonly codec: TokensCodec;
}

/** @throws {NotFoundError} with the nearest name. @throws {FormatError} where a file was altered. */
export async function openModel(home: string, nameOrPath: string): Promise<LoadedModel> {
  const { directory, record, weights, codec } = await loadModel(home, nameOrPath);
  if (record.family !== "gpt") {
    throw new FormatError(
      `${directory} holds a model of the family "${record.family}", which this version does not know`,
    );
  }
  const parsed = configurationSchema.safeParse(record.configuration);
  if (!parsed.success) throw new FormatError(`${directory}/model.json: the configuration is not that of a gpt`);
  return {
    directory,
    record,
    // The preset's checks run over the stored settings once more.
    configuration: classicGpt(parsed.data, parsed.data),
    weights: treeFromPaths(weights as ReadonlyMap<string, HostTensor>),
    codec: loadTextCodec(codec),
  };
}
