/** The options --prompt and --prompt-file. */
import { UsageError } from "../errors.js";
import { readText, textsOf } from "./text-input.js";

export interface PromptOptions {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
}

/** What a text begins with. @throws {UsageError} for two prompts, an empty one, or a file that is not there */
export async function promptOf(options: PromptOptions): Promise<string | undefined> {
  checkPrompt(options);
  const { prompt, promptFile } = options;
  return promptFile === undefined ? prompt : readText(promptFile, "prompt file");
}

/** What pictures are to show: one prompt for all, or one of each line of a file. @throws as `promptOf` */
export async function promptsOf(options: PromptOptions): Promise<string | readonly string[] | undefined> {
  checkPrompt(options);
  const { prompt, promptFile } = options;
  return promptFile === undefined ? prompt : promptsIn(promptFile);
}

/** One of each line of a file. @throws {UsageError} for a file that is not there, or has none */
export async function promptsIn(file: string): Promise<readonly string[]> {
  const lines = await textsOf([], file);
  if (lines.length > 0) return lines;
  throw new UsageError(`${file} has no prompt in it`, { hint: "Write one on each line." });
}

function checkPrompt({ prompt, promptFile }: PromptOptions): void {
  if (prompt !== undefined && promptFile !== undefined) {
    throw new UsageError("--prompt and --prompt-file exclude each other", { hint: "give one of them" });
  }
  if (prompt === "") {
    throw new UsageError("the prompt is empty", { hint: "Give at least one character, or leave --prompt out." });
  }
}
