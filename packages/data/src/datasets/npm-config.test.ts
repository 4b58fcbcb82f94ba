import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { npmOptions, parseNpmrc } from "./npm-config.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-npmrc-"));
  for (const folder of ["project/deep/er", "user", "prefix/etc", "prefix/bin"])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "project/package.json"), "{}");
  await writeFile(join(root, "prefix/etc/npmrc"), "registry=https://global/\ncafile=ca.pem\nfetch-retries=7\n");
  await writeFile(
    join(root, "user/.npmrc"),
    `registry = "https://user/"\n//user/:_authToken=\${TOKEN}\n; a comment\nstrict-ssl=false\n`,
  );
  await writeFile(join(root, "project/.npmrc"), "@stdlib:registry=https://mirror/npm/\ncache=~/kept\n");
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;
  await writeFile(join(root, "project/deep/er/ca.pem"), `${pem("one")}\n${pem("two")}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = (environment: Record<string, string>) =>
  npmOptions({
    environment,
    workingDirectory: join(root, "project/deep/er"),
    userHome: join(root, "user"),
    nodeBinary: join(root, "prefix/bin/node"),
  }) as unknown as Record<string, unknown>;

it.skipIf(process.platform === "win32")("reads npm's files in npm's order", () => {
  const found = options({ TOKEN: "t0ken" });
  expect(found).toMatchObject({
    registry: "https://user/",
    "//user/:_authToken": "t0ken",
    "@stdlib:registry": "https://mirror/npm/",
    strictSSL: false,
    fetchRetries: 7,
    cache: join(root, "user/kept/_cacache"),
  });
  expect(found.ca).toHaveLength(2);
});

it("lets the environment decide above all files", () => {
  const found = options({ npm_config_registry: "https://environment/", NPM_CONFIG_STRICT_SSL: "true" });
  expect(found).toMatchObject({ registry: "https://environment/", strictSSL: true });
});

it("falls back to npm's own defaults", () => {
  const found = npmOptions({
    environment: {},
    workingDirectory: root,
    userHome: root,
    nodeBinary: join(root, "x/y/node"),
  });
  expect(found).toMatchObject({ registry: "https://registry.npmjs.org/", strictSSL: true, offline: false });
});

it("parses the npmrc format", () => {
  const text = `a=1\n b = two words \nflag\n#c=3\n[section]\nlist[]=x\nlist[]=y\nquoted='q q'\nunset=\${NOPE}\noptional=\${NOPE?}\n`;
  expect(Object.fromEntries(parseNpmrc(text, {}))).toEqual({
    a: "1",
    b: "two words",
    flag: "true",
    list: "x\ny",
    quoted: "q q",
    unset: `\${NOPE}`,
    optional: "",
  });
});
