/**
 * Whatever is wrong with what a person gives: one clear line, perhaps a hint, a non-zero exit code, the same under `--json`, and nothing
 * written or touched. Real processes.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atelier, copyHome, refused, sampleText, workFolder, writeRecipe } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  const recipe = writeRecipe(folder, "whale", { training: { steps: 16 } });
  const { code, stderr } = await atelier(["train", recipe, "--name", "whale"], { home });
  expect(code, stderr).toBe(0);
  writeFileSync(path("empty.txt"), "");
  mkdirSync(path("pictures"));
  mkdirSync(path("nothing"));
  writeFileSync(path("pictures/a.png"), "no text");
  writeFileSync(path("binary.txt"), Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 1, 2]));
  writeFileSync(path("latin1.txt"), Buffer.concat([Buffer.from("caf"), Buffer.from([0xe9]), Buffer.from(" au lait")]));
  writeFileSync(path("short.txt"), sampleText(60));
  writeFileSync(path("tiny.txt"), "a");
  writeFileSync(path("broken.json"), '{"data": ');
  writeFileSync(path("list.json"), "[]");
  const pieces = { type: "WordPiece", unk_token: "[UNK]", vocab: { "[UNK]": 0, the: 1 } };
  writeFileSync(path("wordpiece.json"), JSON.stringify({ version: "1.0", model: pieces }));
  writeFileSync(path("impossible.json"), JSON.stringify({ type: "integer", minimum: 5, maximum: 4 }));
  writeFileSync(path("unfinished.ebnf"), 'root ::= "the " animal\n');
});

const train = (...args: string[]): string[] => ["train", ...args, "--name", "new", "--yes"];
const sample = (...settings: string[]): string[] =>
  train(path("whale.json"), ...settings.flatMap((one) => ["--set", one]));

describe("texts", () => {
  it.each<[what: string, args: () => string[], code: string, says: RegExp, hint: RegExp]>([
    ["a missing file", () => train(path("smaple.txt")), "FILE_NOT_FOUND", /no file .*smaple/, /mean .*sample\.txt\?/],
    ["an empty file", () => train(path("empty.txt")), "EMPTY_TEXT", /empty\.txt is empty/, /text in it/],
    [
      "a folder of broken pictures",
      () => train(path("pictures")),
      "NO_PICTURES",
      /can be read as a picture/,
      /PNG, JPEG/,
    ],
    [
      "a folder with nothing in it",
      () => train(path("nothing")),
      "NO_TEXTS",
      /has no \.txt or \.md/,
      /folder with texts/,
    ],
    ["a binary file", () => train(path("binary.txt")), "BINARY_FILE", /NUL byte at offset 4/, /plain text/],
    ["invalid UTF-8", () => train(path("latin1.txt")), "INVALID_UTF8", /0xe9 at offset 3/, /iconv/],
    [
      "a text shorter than the context",
      () => sample(`data=${path("short.txt")}`, "model.context=128"),
      "TEXT_TOO_SHORT",
      /54 tokens to train on, but a context of 128 needs at least 129/,
      /model\.context.*at most 53/,
    ],
    ["a single character", () => sample(`data=${path("tiny.txt")}`), "INVALID_ARGUMENT", /too short/, /more text/],
    ["a dataset nobody knows", () => train("moby-dik"), "UNKNOWN_DATASET", /no dataset "moby-dik"/, /mean moby-dick\?/],
    ["a text to evaluate", () => ["evaluate", "whale", "--data", path("gone.txt")], "FILE_NOT_FOUND", /gone/, /path/],
    [
      "a text in another alphabet",
      () => ["evaluate", "whale", "--data", path("broken.json")],
      "UNKNOWN_CHARACTER",
      /"\{" \(U\+007B\) at offset 0/,
      /23 characters/,
    ],
  ])("%s", (_, args, code, says, hint) => refused(args(), { home }, { code, says, hint }));
});

describe("recipes and settings", () => {
  it.each<[what: string, args: () => string[], code: string, says: RegExp, hint: RegExp]>([
    ["a missing recipe", () => train(path("gone.json")), "BAD_RECIPE", /gone\.json cannot be read/, /path/],
    ["half a recipe", () => train(path("broken.json")), "BAD_RECIPE", /is no JSON/, /./],
    ["a list", () => train(path("list.json")), "BAD_RECIPE", /not a JSON object/, /./],
    ["an unknown setting", () => sample("training.stps=5"), "BAD_RECIPE", /"training\.stps"/, /training\.steps/],
    [
      "an unknown setting of a part",
      () => sample("training.optimiser.learningrate=5"),
      "BAD_RECIPE",
      /"training\.optimiser\.learningrate"/,
      /training\.optimiser\.learningRate/,
    ],
    ["a value out of range", () => sample("training.steps=-1"), "BAD_RECIPE", /"training\.steps".* -1$/, /--set/],
    ["a value of another kind", () => sample("model=7"), "BAD_RECIPE", /"model".*expected object/, /--set/],
    ["an unknown kind", () => sample("training.optimiser.kind=adam"), "BAD_RECIPE", /'adamw'.*"adam"$/, /--set/],
    [
      "heads that do not divide",
      () => sample("model.width=130", "model.heads=4"),
      "INVALID_ARGUMENT",
      /130 .* 4 heads/,
      /"width"/,
    ],
    [
      "a model beyond any memory",
      () => sample("model.width=1000000", "model.layers=4", "model.context=16"),
      "OUT_OF_MEMORY",
      /needs about [\d,.]+ GB of memory, and the machine has [\d.]+ GB/,
      /Make model\.width \(1000000\), model\.layers \(4\) smaller/,
    ],
    [
      "a batch beyond any memory",
      () => sample("training.batch=100000000"),
      "OUT_OF_MEMORY",
      /GB of memory/,
      /training\.batch \(100000000/,
    ],
  ])("%s", (_, args, code, says, hint) => refused(args(), { home }, { code, says, hint }));
});

describe("a folder with one file that cannot be read", () => {
  it("is trained on without it, and says so", async () => {
    mkdirSync(path("mixed"));
    writeFileSync(path("mixed/good.txt"), sampleText(4000));
    writeFileSync(path("mixed/latin1.txt"), readFileSync(path("latin1.txt")));
    const { code, stderr, stdout } = await atelier(sample(`data=${path("mixed")}`, "training.steps=4"), { home });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/1 file was skipped: latin1\.txt \(.*UTF-8.*\)/);
    const saved = /^model {3}(\/.*)$/m.exec(stdout)![1]!;
    expect(readFileSync(join(saved, "README.md"), "utf8")).toMatch(/1 document, .*Files that could not be read: 1\./);
  });
});

describe("codecs and grammars", () => {
  it.each<[what: string, args: () => string[], code: string, says: RegExp, hint: RegExp]>([
    [
      "a tokenizer of another family",
      () => sample("codec.kind=pretrained", `codec.path=${path("wordpiece.json")}`),
      "BAD_FORMAT",
      /WordPiece/,
      /./,
    ],
    [
      "a tokenizer that is not there",
      () => sample("codec.kind=pretrained", `codec.path=${path("gone")}`),
      "FILE_NOT_FOUND",
      /gone/,
      /./,
    ],
    [
      "a schema that nothing meets",
      () => ["generate", "whale", "--json-schema", path("impossible.json")],
      "UNSATISFIABLE_GRAMMAR",
      /./,
      /./,
    ],
    [
      "a grammar in characters that the model cannot write",
      () => ["generate", "whale", "--regex", "[0-9]{4}"],
      "UNSATISFIABLE_GRAMMAR",
      /0/,
      /./,
    ],
    ["half a regular expression", () => ["generate", "whale", "--regex", "(the"], "BAD_GRAMMAR", /./, /./],
    [
      "a grammar with a rule that is nowhere",
      () => ["generate", "whale", "--grammar", path("unfinished.ebnf")],
      "BAD_GRAMMAR",
      /animal.*line 1|line 1.*animal/,
      /./,
    ],
    [
      "what a model cannot do",
      () => ["embed", "whale", "the whale"],
      "NOT_ABLE",
      /whale cannot turn texts/,
      /generate/,
    ],
  ])("%s", (_, args, code, says, hint) => refused(args(), { home }, { code, says, hint }));
});

describe("usage", () => {
  it.each<[what: string, args: string[], says: RegExp, hint: RegExp]>([
    ["no command", [], /no command/, /--help/],
    ["an unknown command", ["trian"], /unknown command "trian"/, /atelier train\?/],
    ["an unknown command of a group", ["runs", "shwo"], /unknown command "runs shwo"/, /atelier runs show\?/],
    ["an unknown option", ["train", "x.txt", "--step", "5"], /unknown option --step/, /--steps\?/],
    ["a setting that sets nothing", ["train", "x.txt", "--set", "nonsense"], /--set: expected KEY=VALUE/, /./],
    ["no source", ["train"], /needs a source/, /atelier train moby-dick/],
    ["a source where there is one", ["train", "x.txt", "--resume", "whale"], /takes no source/, /--resume whale/],
    ["texts beside a recipe", ["train", "x.json", "y.txt"], /x\.json names its data itself/, /atelier train x\.json/],
    ["a goal that is none", ["train", "x.txt", "--goal", "low loss"], /--goal: expected MEASURE=VALUE/, /./],
    ["time and steps", ["train", "x.txt", "--steps", "5", "--minutes", "5"], /--minutes.*--steps/, /./],
    ["steps that are no number", ["train", "x.txt", "--steps", "many"], /--steps.*got "many"/, /./],
    ["a device nobody has", ["train", "x.txt", "--device", "abacus"], /--device.*"cpu"/, /./],
    ["top-p above 1", ["generate", "whale", "--top-p", "2"], /--top-p.*at most 1, got "2"/, /./],
    ["top-p of 0", ["generate", "whale", "--top-p", "0"], /--top-p.*above 0.*got "0"/, /./],
    ["top-k of 0", ["generate", "whale", "--top-k", "0"], /--top-k.*≥ 1, got "0"/, /./],
    ["a negative temperature", ["generate", "whale", "--temperature=-1"], /--temperature.*≥ 0, got "-1"/, /./],
    ["an empty prompt", ["generate", "whale", "--prompt", ""], /prompt is empty/, /one character/],
    ["two prompts", ["generate", "whale", "--prompt", "a", "--prompt-file", "b"], /exclude each other/, /./],
    ["a prompt file that is not there", ["generate", "whale", "--prompt-file", "gone.txt"], /gone\.txt/, /./],
  ])("%s", (_, args, says, hint) => refused(args, { home }, { code: "USAGE", says, hint, exit: 2, json: false }));
});

describe("runs and models", () => {
  it.each<[what: string, args: () => string[], code: string, says: RegExp, hint: RegExp]>([
    ["an unknown run", () => ["train", "--resume", "while"], "NOT_FOUND", /no run "while"/, /mean whale\?/],
    ["an unknown run to show", () => ["runs", "show", "while"], "NOT_FOUND", /no run "while"/, /mean whale\?/],
    ["an unknown model", () => ["generate", "while"], "NOT_FOUND", /no model "while"/, /mean whale\?/],
    ["an unknown model to judge", () => ["evaluate", "while"], "NOT_FOUND", /no model "while"/, /mean whale\?/],
    [
      "a name that is taken",
      () => ["train", path("whale.json"), "--name", "whale"],
      "RUN_EXISTS",
      /"whale"/,
      /another/,
    ],
    ["an impossible name", () => ["train", path("whale.json"), "--name", "../x"], "INVALID_ARGUMENT", /"\.\.\/x"/, /./],
    [
      "a prompt file that is no text",
      () => ["generate", "whale", "--prompt-file", path("latin1.txt")],
      "INVALID_UTF8",
      /0xe9 at offset 3/,
      /iconv/,
    ],
    [
      "a prompt in another alphabet",
      () => ["generate", "whale", "--prompt", "the ☃"],
      "UNKNOWN_CHARACTER",
      /"☃" \(U\+2603\) at offset 4/,
      /./,
    ],
  ])("%s", (_, args, code, says, hint) => refused(args(), { home }, { code, says, hint }));

  it.each(["generate", "evaluate"])("damaged weights for %s", async (command) => {
    const there = copyHome(home, path(`damaged-${command}`));
    const weights = join(there, "models/whale/weights.safetensors");
    const bytes = readFileSync(weights);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(weights, bytes);
    const [code, hint] = ["BAD_FORMAT", /copy the model again/];
    await refused([command, "whale"], { home: there }, { code, says: /does not match the SHA-256/, hint });
    truncateSync(weights, 1000);
    await refused([command, "whale"], { home: there }, { code, says: /has 1000 bytes, but model\.json says/, hint });
  });

  it("a model that a removed run left is not replaced", async () => {
    const there = copyHome(home, path("left"));
    expect((await atelier(["runs", "remove", "whale", "--yes"], { home: there })).code).toBe(0);
    const says = /already a model "whale"/;
    await refused(
      ["train", path("whale.json"), "--name", "whale"],
      { home: there },
      { code: "RUN_EXISTS", says, hint: /atelier models remove whale/ },
    );
  });
});

describe("places", () => {
  it("a home below a file", async () => {
    const nowhere = join(path("sample.txt"), "home");
    const says = /part of the path is a file/;
    await refused(sample(), { home: nowhere }, { code: "UNWRITABLE", says, hint: /ATELIER_HOME/ });
    await refused(train("moby-dick"), { home: nowhere }, { code: "CACHE_UNWRITABLE", says: /ENOTDIR/, hint: /HOME/ });
  });

  it("a home that is somebody else's", async (context) => {
    if (process.getuid?.() !== 0) return context.skip("only root can be somebody else");
    mkdirSync(path("theirs"), { mode: 0o755 });
    const situation = { home: join(path("theirs"), "home"), cwd: "/", user: 65534 };
    // The text itself must be readable for them.
    const text = `${folder}.txt`;
    const recipe = `${folder}.json`;
    writeFileSync(text, sampleText(2000), { mode: 0o644 });
    writeFileSync(recipe, JSON.stringify({ data: text }), { mode: 0o644 });
    try {
      await refused(train(recipe), situation, { code: "UNWRITABLE", says: /permission denied/, hint: /ATELIER_HOME/ });
    } finally {
      rmSync(text);
      rmSync(recipe);
    }
  });
});

describe("a download", () => {
  let server: Server;
  let registry = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url?.endsWith(".tgz") === true) {
        response.writeHead(200, { "content-length": 500_000 });
        response.write(Buffer.alloc(200_000), () => response.destroy());
        return;
      }
      const name = decodeURIComponent(request.url!.slice(1));
      const tarball = `http://${request.headers.host}/${name}/-/it.tgz`;
      const versions = Object.fromEntries(["1.0.0"].map((version) => [version, { name, version, dist: { tarball } }]));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    registry = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("that breaks off leaves nothing and says what to do", async () => {
    const there = path("cut");
    const environment = {
      npm_config_registry: registry,
      npm_config_fetch_retries: "0",
      npm_config_cache: path("npm-cache"),
    };
    const { code, stdout, stderr } = await atelier(train("moby-dick"), { home: there, environment });
    expect(code, stderr).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.match(/^error: .*$/gm)).toEqual([expect.stringMatching(/moby-dick could not be fetched/)]);
    expect(stderr).toMatch(/\n {2}hint: Nothing half-made was kept.*\n$/);
    expect(stderr).not.toContain("    at ");
    expect(readdirSync(there, { recursive: true })).toEqual(["datasets"]);
  });
});
