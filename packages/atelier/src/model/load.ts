/** Opens a saved model for use: family, settings, weights and codec, checked. */
import { loadTextCodec } from "@atelier/data";
import { ArgumentError, type HostTensor } from "@atelier/engine";
import { z } from "zod";
import { familyNamed } from "../families/index.js";
import type { TextModel, Weights } from "../families/text-family.js";
import { restoreConfiguration } from "../families/transformer-settings.js";
import type { PictureModel } from "../pictures/picture-family.js";
import { pictureFamilySchemas } from "../recipe/picture-schema.js";
import { loadModel, type ModelRecord } from "../storage/index.js";
import type { ModelState } from "../training/subject.js";
import { stateOf } from "./weights.js";

interface Opened {
  readonly directory: string;
  readonly record: ModelRecord;
  readonly state: ModelState;
  /** evidence.json, as it stands. */
  readonly evidence: unknown;
}

export interface LoadedTextModel extends Opened {
  readonly medium: "text";
  readonly model: TextModel;
  readonly weights: Weights;
}

export interface LoadedPictureModel extends Opened {
  readonly medium: "pictures";
  readonly model: PictureModel;
}

export type LoadedModel = LoadedTextModel | LoadedPictureModel;

/** @throws {NotFoundError} with the nearest name. @throws {FormatError} where a file was altered. */
export async function openModel(home: string, nameOrPath: string): Promise<LoadedModel> {
  const { directory, record, weights, codec, evidence } = await loadModel(home, nameOrPath);
  const state = stateOf(weights as ReadonlyMap<string, HostTensor>);
  const opened = { directory, record, state, evidence };
  const file = `${directory}/model.json`;
  if (Object.hasOwn(pictureFamilySchemas, record.family)) {
    const { restorePictureModel } = await import("../pictures/restore-model.js");
    return {
      ...opened,
      medium: "pictures",
      model: restorePictureModel(record.family, record.configuration, codec, file),
    };
  }
  const configuration = restoreConfiguration(record.family, record.configuration, file);
  if (holdsPictureTokens(codec)) {
    const { restorePictureTokensModel } = await import("../pictures/tokens/model.js");
    return {
      ...opened,
      medium: "pictures",
      model: restorePictureTokensModel(record.family, configuration, codec, file),
    };
  }
  const model = familyNamed(record.family).at(configuration, loadTextCodec(codec));
  return { ...opened, medium: "text", model, weights: state.params };
}

/** Whether a saved codec is a vq, so that tokens are parts of pictures. What else it has to hold is checked where it is read. */
const holdsPictureTokens = (codec: unknown): boolean =>
  z.looseObject({ codec: z.literal("vq") }).safeParse(codec).success;

/** @throws {ArgumentError} for a model of pictures. */
export function requireText(loaded: LoadedModel): LoadedTextModel {
  if (loaded.medium === "text") return loaded;
  const { name, family } = loaded.record;
  throw new ArgumentError(`The model ${name} makes pictures (${family}), and this needs one of texts`, {
    hint: "atelier models lists all models and what they can do.",
  });
}

/** @throws {ArgumentError} for a model of texts. */
export function requirePictures(loaded: LoadedModel): LoadedPictureModel {
  if (loaded.medium === "pictures") return loaded;
  const { name, family } = loaded.record;
  throw new ArgumentError(`The model ${name} writes text (${family}), and this needs one of pictures`, {
    hint: "atelier models lists all models and what they can do.",
  });
}
