/** The bash script is sourced by a real bash, which is then asked what it would complete; zsh and fish as far as they are installed. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandEntries } from "./commands/index.js";
import { completionScript } from "./completion.js";
import { completionTable } from "./completion-table.js";

const folder = mkdtempSync(join(tmpdir(), "atelier-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const installed = (shell: string): boolean => {
  try {
    execFileSync(shell, ["-c", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

let table: Awaited<ReturnType<typeof completionTable>>;
beforeAll(async () => {
  table = await completionTable(commandEntries);
  for (const shell of ["bash", "zsh", "fish"] as const)
    writeFileSync(join(folder, `script.${shell}`), completionScript(shell, table));
  for (const [kind, name, file] of [
    ["runs", "whale-01", "run.json"],
    ["runs", "whale-02", "run.json"],
    ["runs", "not-a-run", "notes.txt"],
    ["models", "whale-01", "model.json"],
    ["sweeps", "rates", "sweep.json"],
  ] as const) {
    mkdirSync(join(folder, "home", kind, name), { recursive: true });
    writeFileSync(join(folder, "home", kind, name, file), "{}");
  }
  mkdirSync(join(folder, "my texts"));
  writeFileSync(join(folder, "mine.txt"), "");
});

const environment = () => ({ ...process.env, ATELIER_HOME: join(folder, "home") });

/** What is typed, with the cursor at its end, and what bash then offers. */
const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [["ru"], ["runs "]],
  [
    ["runs", ""],
    ["list ", "show ", "compare ", "remove "],
  ],
  [
    ["runs", "show", ""],
    ["whale-01 ", "whale-02 "],
  ],
  [
    ["runs", "compare", "whale-01", "wh"],
    ["whale-01 ", "whale-02 "],
  ],
  [["models", "show", "w"], ["whale-01 "]],
  [["sweeps", "remove", ""], ["rates "]],
  [["sweep", "--resume", ""], ["rates "]],
  [["train", "--resume", "whale-02"], ["whale-02 "]],
  [["train", "--devi"], ["--device "]],
  [
    ["train", "--device", ""],
    ["cpu ", "webgpu ", "cuda "],
  ],
  // Bash makes three words of --device=c.
  [
    ["train", "--device", "=", "c"],
    ["cpu ", "cuda "],
  ],
  [["sweep", "--method", "h"], ["halving "]],
  [["train", "--set", "training.optimiser.l"], ["training.optimiser.learningRate="]],
  // The name is an option's value, so that the source is still to come.
  [["train", "--name", "x", "moby"], ["moby-dick "]],
  [["train", "mine"], ["mine.txt "]],
  [["train", "my"], ["my\\ texts/"]],
  [["completion", "b"], ["bash "]],
  [["runs", "remove", "--y"], ["--yes "]],
  [["--v"], ["--version "]],
];

describe("bash", () => {
  it("completes commands, options, values, settings, names and files", () => {
    const calls = cases.map(([words]) => {
      const quoted = ["atelier", ...words].map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; COMPREPLY=(); _atelier; printf '%s|' "\${COMPREPLY[@]}"; echo`;
    });
    const output = execFileSync("bash", ["-c", ["set -u", "source ./script.bash", ...calls].join("\n")], {
      cwd: folder,
      env: environment(),
      encoding: "utf8",
    });
    const offered = output.trimEnd().split("\n");
    for (const [i, [words, expected]] of cases.entries())
      expect([words, offered[i]!.split("|").slice(0, -1)]).toEqual([words, expected]);
  });

  it("knows every command and every option", () => {
    const script = completionScript("bash", table);
    for (const { path, options } of table.commands) {
      const line = script.split("\n").find((each) => each.includes(`'${path}') _atelier_words`));
      for (const { flags } of options) for (const flag of flags) expect(line).toContain(` ${flag}`);
    }
    expect(table.commands.length).toBeGreaterThan(15);
  });
});

describe("zsh", () => {
  it.skipIf(!installed("zsh"))("reads the script", () => {
    execFileSync("zsh", ["-n", join(folder, "script.zsh")]);
  });
});

describe("fish", () => {
  it.skipIf(!installed("fish"))("completes as bash does", () => {
    const ask = (line: string): string[] =>
      execFileSync("fish", ["-N", "-c", `source ./script.fish; complete -C ${JSON.stringify(line)}`], {
        cwd: folder,
        env: environment(),
        encoding: "utf8",
      })
        .trimEnd()
        .split("\n")
        .map((each) => each.split("\t")[0]!);
    expect(ask("atelier runs show ")).toEqual(["whale-01", "whale-02"]);
    expect(ask("atelier train --device ")).toEqual(["cpu", "cuda", "webgpu"]);
    expect(ask("atelier sweep --method h")).toEqual(["halving"]);
  });
});
