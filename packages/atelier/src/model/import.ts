/** Makes a model of one that was trained elsewhere, so that everything that can be done with ours can be done with it. */
import { basename, resolve } from "node:path";
import { flattenTree, type HostTensor } from "@atelier/engine";
import { describeConfiguration } from "../families/transformer-settings.js";
import { nameOf, saveModel } from "../storage/index.js";
import { importHuggingFace } from "./huggingface.js";

/** What is known of the data of a model from elsewhere. */
const UNKNOWN_DATA = {
  name: "unknown",
  title: "unknown data",
  origin: "see the card that the model came with",
  licence: "see the card that the model came with",
};

/**
 * Reads a Hugging Face GPT-2 folder and saves it as `<home>/models/<name>`; the folder's own name by default.
 * @returns the folder. @throws {FormatError} naming what in the folder is missing or not supported.
 */
export async function importModel(home: string, folder: string, name?: string): Promise<string> {
  const { configuration, weights, codec } = await importHuggingFace(folder);
  const from = basename(resolve(folder));
  const called = name ?? nameOf(from);
  return saveModel(home, called, {
    family: "gpt",
    configuration: { ...configuration },
    dataset: UNKNOWN_DATA,
    training: { imported: `${from}, a folder in Hugging Face's layout of GPT-2` },
    weights: new Map(flattenTree<HostTensor>(weights)),
    codec: codec.toJSON(),
    evidence: {},
    card: `# ${called}

A gpt (${describeConfiguration(configuration)}, vocabulary ${configuration.vocabulary.toLocaleString("en-US")}), imported from ${from}, a folder in Hugging Face's layout.
What it was trained on, how good it is and what may be done with it stands on the card that it came with; nothing was measured here.

\`\`\`sh
atelier generate ${called} --prompt "…"
atelier evaluate ${called} --data texts.txt
\`\`\`
`,
  });
}
