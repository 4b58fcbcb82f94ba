/** Opens a saved model for use: family, settings, weights and codec, checked. */
import { loadTextCodec } from "@atelier/data";
import { type HostTensor, treeFromPaths } from "@atelier/engine";
import { familyNamed } from "../families/index.js";
import type { TextModel, Weights } from "../families/text-family.js";
import { restoreConfiguration } from "../families/transformer-settings.js";
import { loadModel, type ModelRecord } from "../storage/index.js";

export interface LoadedModel {
  readonly directory: string;
  readonly record: ModelRecord;
  readonly model: TextModel;
  readonly weights: Weights;
  /** evidence.json, as it stands. */
  readonly evidence: unknown;
}

/** @throws {NotFoundError} with the nearest name. @throws {FormatError} where a file was altered. */
export async function openModel(home: string, nameOrPath: string): Promise<LoadedModel> {
  const { directory, record, weights, codec, evidence } = await loadModel(home, nameOrPath);
  const configuration = restoreConfiguration(record.family, record.configuration, `${directory}/model.json`);
  const model = familyNamed(record.family).at(configuration, loadTextCodec(codec));
  return { directory, record, model, weights: treeFromPaths(weights as ReadonlyMap<string, HostTensor>), evidence };
}
