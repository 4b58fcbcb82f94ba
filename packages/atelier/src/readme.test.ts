/** What the README shows is so: its example compiles and runs, and its list of commands is that of the program. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Command, CommandGroup } from "./cli/command.js";
import { commandEntries } from "./cli/commands/index.js";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the example trains on a text that repeats itself, and writes it on", async () => {
  const source = await readFile(new URL("./readme-example.test-helpers.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source.slice(source.indexOf("\n") + 1)}\`\`\``);

  const folder = await mkdtemp(join(tmpdir(), "atelier-readme-"));
  const before = process.cwd();
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  let written = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
  try {
    process.chdir(folder);
    await writeFile("book.txt", "the whale and the sea and ".repeat(200));
    await import("./readme-example.test-helpers.js");
  } finally {
    log.mockRestore();
    write.mockRestore();
    process.chdir(before);
    await rm(folder, { recursive: true, force: true });
  }
  // Once the word after the prompt is chosen, the text leaves nothing to choose: "whale" and "sea" take turns.
  expect(written).toHaveLength(120);
  expect("the whale and the sea and ".repeat(20)).toContain(written.slice(20));
});

test("the README lists every command with its summary", async () => {
  const isGroup = (command: Command | CommandGroup): command is CommandGroup => "commands" in command;
  const loaded = await Promise.all(commandEntries.map((entry) => entry.load()));
  const commands = loaded.flatMap((command) => (isGroup(command) ? Object.values(command.commands) : [command]));
  const expected = commands.map(({ name, summary }) => `| \`atelier ${name}\` | ${summary} |`);
  expect(readme.split("\n").filter((line) => line.startsWith("| `atelier "))).toEqual(expected);
});
