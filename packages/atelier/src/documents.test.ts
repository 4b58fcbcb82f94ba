/**
 * The project's documents name things that exist: links, files in backticks, npm scripts, rows of the benchmark. And they speak of the
 * project alone, not of the machine it was written on.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const PRIVATE = new Set(["node_modules", "dist", ".git", ".atelier", ".peers", "results", "__pycache__"]);

/** All files under a folder, relative to the root, without what git does not keep. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (PRIVATE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [relative(root, path)];
  });
}

const files = filesOf(root);
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const documents = files.filter((path) => path.endsWith(".md") && !path.includes("/src/"));

/** Text outside of fenced blocks. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "");

const linksOf = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));

/** Inline code that is one plain path: no spaces, no placeholders, no wildcards. */
const codeOf = (text: string): string[] =>
  [...prose(text).matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code!)
    .filter((code) => /^[\w@.-]+(\/[\w.-]+)*\/?$/.test(code));

const SOURCE = /\w\.(ts|mjs|py)$/;
const FOLDERS = new Set([...readdirSync(root), "src", "peers"].filter((name) => !PRIVATE.has(name)));

/** What a piece of code should name and does not: a source file anywhere, or a path that begins with a folder of ours. */
function isMissing(code: string, from: string): boolean {
  if (code.split("/").some((part) => PRIVATE.has(part))) return false;
  if (SOURCE.test(code)) return !files.some((path) => path === code || path.endsWith(`/${code}`));
  const [first] = code.split("/");
  if (!code.includes("/") || !FOLDERS.has(first!)) return false;
  return ![root, join(root, from)].some((base) => existsSync(join(base, code)));
}

describe.each(documents)("%s", (path) => {
  const text = read(path);

  it("links to what exists", () => {
    expect(linksOf(text).filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });

  it("names files that exist", () => {
    expect(codeOf(text).filter((code) => isMissing(code, dirname(path)))).toEqual([]);
  });

  it("names scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("has no blank left to fill in", () => {
    expect(text.match(/@[A-Z][A-Z_]+@|\b(TODO|FIXME|TBD)\b/g)).toBeNull();
  });

  it("names no folder of the machine it was written on", () => {
    const parent = dirname(root.replace(/\/$/, ""));
    const here = parent === "/" ? [] : text.split("\n").filter((line) => line.includes(`${parent}/`));
    expect(here).toEqual([]);
    expect(text.split("\n").filter((line) => /(^|[\s`"'(=])\/(home|root|tmp|mnt|Users)\//.test(line))).toEqual([]);
  });
});

it("the documents are found, and what is wrong in one is seen", () => {
  expect(documents).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "docs/architecture.md", "bench/README.md"]));
  expect(linksOf("[a](b.md#c) [d](https://e.f) [g](#h)\n```\n[i](j)\n```")).toEqual(["b.md"]);
  const codes = codeOf(
    "`packages/engine` `compile.ts` `run.json` `a b.ts` `packages/<name>/x.ts` `nowhere.ts` `packages/none/`",
  );
  expect(codes).toEqual(["packages/engine", "compile.ts", "run.json", "nowhere.ts", "packages/none/"]);
  expect(codes.filter((code) => isMissing(code, "."))).toEqual(["nowhere.ts", "packages/none/"]);
});

it("the benchmark's page has a line for every row", () => {
  const names = files
    .filter((path) => path.startsWith("bench/src/rows/"))
    .flatMap((path) => /^ {2}name: "([\w-]+)",$/m.exec(read(path))?.[1] ?? []);
  const listed = [...read("bench/README.md").matchAll(/^\| `([a-z][\w-]+)` \|/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(listed.sort()).toEqual(names.sort());
});
