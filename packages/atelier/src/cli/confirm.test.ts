import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { confirm } from "./confirm.js";

async function answered(answer: string, options?: { readonly default: boolean }) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  stdin.end(answer);
  const yes = await confirm("Sure?", stdin, stderr, new AbortController().signal, options);
  return [yes, String(stderr.read())];
}

describe("confirm", () => {
  it.each([
    ["y\n", true],
    [" Yes \n", true],
    ["n\n", false],
    ["why\n", false],
    ["\n", false],
    ["", false],
  ])("takes %j for %s unless told otherwise", async (answer, yes) => {
    expect(await answered(answer)).toEqual([yes, "Sure? [y/N] "]);
  });

  it.each([
    ["\n", true],
    ["y\n", true],
    ["n\n", false],
    ["nonsense\n", false],
    // The end of input is nobody's yes.
    ["", false],
  ])("with yes as the default takes %j for %s", async (answer, yes) => {
    expect(await answered(answer, { default: true })).toEqual([yes, "Sure? [Y/n] "]);
  });

  it("cannot ask without a terminal", async () => {
    const asked = confirm("Sure?", new PassThrough(), new PassThrough(), new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ hint: "add --yes to go ahead without asking" });
  });
});
