/**
 * The packages as npm would publish them: packed, installed in an empty project elsewhere, and the examples type-checked, compiled and
 * run there.
 */
import { type ExecFileException, execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const names = ["engine", "data", "models", "atelier"];

/** Runs a program; its output, or all that it said where it failed. */
function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, maxBuffer: 1 << 26 }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`));
    });
  });
}

describe("the packages, installed elsewhere", () => {
  let project: string;
  const tarballs: string[] = [];

  beforeAll(async () => {
    expect(inject("buildFailure")).toBe("");
    project = await mkdtemp(join(tmpdir(), "atelier-package-"));
    const packed = join(project, "packed");
    await mkdir(packed);
    const workspaces = names.flatMap((name) => ["-w", `packages/${name}`]);
    await run(root, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", packed, ...workspaces);
    tarballs.push(...(await readdir(packed)).map((file) => join("packed", file)));
    const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    await writeFile(
      join(project, "package.json"),
      JSON.stringify({ name: "elsewhere", private: true, type: "module" }),
    );
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2023",
          module: "nodenext",
          strict: true,
          types: ["node"],
          rootDir: "examples",
          outDir: "built",
        },
        include: ["examples"],
      }),
    );
    const tools = ["typescript", "@types/node"].map((name) => `${name}@${devDependencies[name]}`);
    await run(
      project,
      "npm",
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      ...tarballs.map((file) => `./${file}`),
      ...tools,
    );
    await cp(join(root, "examples"), join(project, "examples"), { recursive: true });
    await run(project, join(project, "node_modules", ".bin", "tsc"));
  }, 300_000);
  afterAll(() => rm(project, { recursive: true, force: true }));

  it("hold what is needed, and no tests", async () => {
    for (const name of names) {
      const files = await readdir(join(project, "node_modules", "@atelier", name), { recursive: true });
      expect(files).toContain(join("dist", "index.d.ts"));
      expect(files.filter((file) => /\.test\.|test-helpers|fixtures/.test(file))).toEqual([]);
    }
  });

  it.each([
    ["train-and-generate", /The rain|made by verses-gpt-01 with seed 7/],
    ["stream", /\[/],
    ["structured-output", /^([A-Z][a-z]{1,9}, \d+:( a| b| )*\n){4}$/],
    ["fill-code", /export function add/],
    ["masked-model", /likelier/],
    ["pictures", /the oddest picture is blank/],
    ["words-to-pictures", /does not know "one"[\s\S]*3 edited pictures/],
  ])("run the example %s", async (name, output) => {
    const folder = join(project, "runs", name);
    await mkdir(folder, { recursive: true });
    expect(await run(folder, process.execPath, join(project, "built", `${name}.js`))).toMatch(output);
  });

  it("has no example that is not run", async () => {
    const examples = (await readdir(join(root, "examples"))).filter((file) => file.endsWith(".ts"));
    expect(examples.length).toBe(7);
  });

  it("have the command", async () => {
    const atelier = join(project, "node_modules", ".bin", "atelier");
    expect(await run(project, atelier, "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await run(project, atelier, "doctor", "--help")).toContain("atelier doctor");
  });
});
