/** Which files hold text, by their names: prose, source code, or records with a text in each. */

const prose = "txt md";
const records = "jsonl ndjson csv tsv";
const programs =
  "ts tsx mts cts js jsx mjs cjs py pyi rs go java kt kts scala c h cc cpp cxx hpp hh cs m mm swift rb php pl lua r jl dart ex exs erl " +
  "hs ml fs clj elm zig nim v sol vue svelte sh bash ps1 sql proto graphql glsl wgsl";
/** What stands beside programs, and alone makes no source tree. */
const beside = "html css scss less json yaml yml toml xml";

export type FileKind = "prose" | "records" | "program" | "beside";

const kinds = new Map<string, FileKind>();
for (const [kind, endings] of [
  ["prose", prose],
  ["records", records],
  ["program", programs],
  ["beside", beside],
] as const) {
  for (const ending of endings.split(" ")) kinds.set(ending, kind);
}

/** The ending without its dot, in lower case, `.gz` taken off: "" where there is none. */
export function endingOf(path: string): string {
  return /[^/\\]\.(\w+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** What a file of this name is taken for; undefined where its ending says nothing. */
export const kindOf = (path: string): FileKind | undefined => kinds.get(endingOf(path));

/** Folders of a source tree with nothing that its authors wrote. */
const foreign =
  /(?:^|\/)(?:node_modules|bower_components|vendor|vendored|third[-_]party|dist|build|out|target|coverage|__pycache__|venv|site-packages)\//i;
const lock =
  /(?:^|\/)(?:package-lock|npm-shrinkwrap|pnpm-lock|composer\.lock|[\w.-]*\.lock)(?:\.json|\.ya?ml)?(?:\.gz)?$/i;
const generated =
  /[.-]min\.\w+(?:\.gz)?$|\.(?:generated|gen|g|pb|designer|bundle)\.\w+(?:\.gz)?$|_pb2(?:_grpc)?\.pyi?$|\.map$/i;

/** Whether a path in a source tree is of other people's, packed or machine-made code. */
export const isForeign = (path: string): boolean => foreign.test(path) || lock.test(path) || generated.test(path);

const marker = /@generated\b|\bcode generated\b.*\bdo not edit\b|\b(?:auto-?generated|automatically generated)\b/i;

/** Why the text of a source file is not one that people write, or undefined where it is. */
export function machineMade(text: string): string | undefined {
  if (
    text
      .slice(0, 1000)
      .split("\n", 8)
      .some((line) => marker.test(line))
  )
    return "says that it is generated";
  const lines = text.split("\n", 2000);
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  // Nobody writes a kilobyte a line: minified code, or data as code.
  if (text.length > 1000 && longest > 500 && text.length / Math.max(1, lines.length) > 200 && lines.length < 2000)
    return "is minified, or data: its lines are too long";
  return undefined;
}
