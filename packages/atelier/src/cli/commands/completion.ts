/** `atelier completion`: what the Tab key knows. */

import { defineCommand } from "../command.js";
import { completionScript } from "../completion.js";
import { completionTable, SHELLS } from "../completion-table.js";
import { UsageError } from "../errors.js";
import { required } from "../options.js";
import { commandEntries } from "./index.js";

export const completion = defineCommand({
  name: "completion",
  summary: "print a script with which a shell completes atelier's commands",
  details:
    "It completes commands, options and their values, settings, datasets, and the names of runs, models and sweeps in Atelier's home. " +
    "Make it anew after an update.",
  examples: [
    ["atelier completion bash > ~/.local/share/bash-completion/completions/atelier", "installs it for bash"],
    [`atelier completion zsh > "\${fpath[1]}/_atelier"`, "installs it for zsh, in the first folder of its fpath"],
    ["atelier completion fish > ~/.config/fish/completions/atelier.fish", "installs it for fish"],
  ],
  options: {},
  positionals: { shell: required("bash, zsh or fish") },
  async run({ positionals, out }) {
    const shell = SHELLS.find((each) => each === positionals.shell);
    if (shell === undefined) {
      throw new UsageError(`there is no completion for "${positionals.shell}"`, {
        hint: `shells are: ${SHELLS.join(", ")}`,
      });
    }
    const script = completionScript(shell, await completionTable(commandEntries));
    out.write(script);
    return { shell, script };
  },
});
