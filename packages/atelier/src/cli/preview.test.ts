/** Which terminals are shown pictures and how, to the byte: the protocols of kitty and of iTerm2, and half blocks. */
import { type Picture, readPicture } from "@atelier/data";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { preview as halfBlocks } from "../output/preview.js";
import { createOutput, type Environment, type TextStream } from "./output.js";
import { pictureText, previewKind } from "./preview.js";

const picture = (width: number, height: number, level = (i: number): number => (37 * i) % 256): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => level(i)),
});

describe("a terminal is known by what it sets", () => {
  it.each<[string | undefined, Environment]>([
    ["kitty", { TERM: "xterm-kitty", COLORTERM: "truecolor" }],
    ["kitty", { TERM: "xterm-256color", KITTY_WINDOW_ID: "1" }],
    ["kitty", { TERM: "xterm-ghostty" }],
    ["kitty", { TERM: "xterm-256color", TERM_PROGRAM: "ghostty" }],
    ["kitty", { TERM: "xterm-256color", KONSOLE_VERSION: "220400" }],
    ["blocks", { TERM: "xterm-256color", KONSOLE_VERSION: "211203", COLORTERM: "truecolor" }],
    ["iterm", { TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }],
    // Through ssh, which hands on variables of this kind.
    ["iterm", { TERM: "xterm-256color", LC_TERMINAL: "iTerm2" }],
    ["iterm", { TERM: "xterm-256color", TERM_PROGRAM: "WezTerm" }],
    ["iterm", { TERM: "xterm-256color", TERM_PROGRAM: "vscode" }],
    ["blocks", { TERM_PROGRAM: "vscode", OS: "Windows_NT", COLORTERM: "truecolor" }],
    // Started from kitty.
    ["iterm", { TERM: "xterm-256color", TERM_PROGRAM: "vscode", KITTY_WINDOW_ID: "1" }],
    ["blocks", { TERM: "xterm-256color", COLORTERM: "truecolor" }],
    ["blocks", { TERM: "foot", COLORTERM: "24bit" }],
    [undefined, { TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" }],
    [undefined, {}],
    // Within a multiplexer.
    [undefined, { TERM: "xterm-kitty", TMUX: "/tmp/tmux-0/default,1,0" }],
    ["blocks", { TERM: "tmux-256color", KITTY_WINDOW_ID: "1", COLORTERM: "truecolor" }],
    ["blocks", { TERM: "screen.xterm-256color", TERM_PROGRAM: "iTerm.app", COLORTERM: "truecolor" }],
    [undefined, { TERM: "xterm-256color", STY: "1.pts-0", LC_TERMINAL: "iTerm2" }],
  ])("%s: %j", (kind, environment) => {
    expect(previewKind(environment)).toBe(kind);
  });

  it("is no terminal under --json, into a file, without colours, or where previews are not wanted", () => {
    const terminal: TextStream = { write: () => {}, isTTY: true, columns: 80 };
    const kindOf = (environment: Environment, json = false, preview = true, stdout = terminal) =>
      createOutput({ stdout, stderr: stdout, environment }, { json, preview, beforeWriting: () => {} }).preview;
    const kitty = { TERM: "xterm-kitty" };
    expect(kindOf(kitty)).toBe("kitty");
    expect(kindOf(kitty, true)).toBeUndefined();
    expect(kindOf(kitty, false, false)).toBeUndefined();
    expect(kindOf(kitty, false, true, { write: () => {} })).toBeUndefined();
    expect(kindOf({ ...kitty, NO_COLOR: "1" })).toBeUndefined();
    expect(kindOf({ TERM: "dumb", COLORTERM: "truecolor" })).toBeUndefined();
  });
});

/** What a PNG in base64 shows. */
const shownBy = async (base64: string): Promise<Picture> =>
  (await readPicture(Buffer.from(base64, "base64"))).frames[0]!;

/** Whether each pixel of a picture is a square of the other's. */
function expectEnlarged({ width, data }: Picture, small: Picture, scale: number): void {
  expect([width, data.length]).toEqual([scale * small.width, 4 * scale * scale * small.width * small.height]);
  const wrong = Array.from({ length: data.length / 4 }, (_, i) => i).filter((i) => {
    const [x, y] = [Math.floor((i % width) / scale), Math.floor(i / width / scale)];
    return data[4 * i] !== small.data[y * small.width + x];
  });
  expect(wrong).toEqual([]);
}

/** As it would be printed. */
const visible = (text: string): string => text.replaceAll("\u001b", "␛").replaceAll("\u0007", "␇");

describe("kitty's protocol", () => {
  it("sends a PNG in pieces of at most 4096 characters, to be shown without an answer", async () => {
    // So that it takes several pieces.
    const random = RandomKey.fromSeed(1).bits(new Uint32Array(64 * 64));
    const noise = picture(64, 64, (i) => random[i]! % 256);
    const text = visible(await pictureText(noise, "kitty", 80));
    const pieces = [...text.matchAll(/␛_G([^;]*);([A-Za-z0-9+/=]*)␛\\/g)];
    expect(pieces.map(([whole]) => whole).join("")).toBe(text.slice(0, -1));
    expect(text.at(-1)).toBe("\n");
    expect(pieces.length).toBeGreaterThan(1);
    // 256 pixels are 26 characters of 10.
    expect(pieces.map(([, settings]) => settings)).toEqual([
      "a=T,f=100,q=2,c=26,m=1",
      ...new Array<string>(pieces.length - 2).fill("m=1"),
      "m=0",
    ]);
    for (const [, , data] of pieces.slice(0, -1)) expect(data).toHaveLength(4096);
    expectEnlarged(await shownBy(pieces.map(([, , data]) => data).join("")), noise, 4);
  });

  it("is one piece of a small picture", async () => {
    const text = visible(await pictureText(picture(1, 1), "kitty", 80));
    expect(text).toMatch(/^␛_Ga=T,f=100,q=2,c=26,m=0;[A-Za-z0-9+/=]+␛\\\n$/);
  });
});

describe("iTerm2's protocol", () => {
  it("sends a PNG with its size, in bytes and in characters", async () => {
    const small = picture(8, 4);
    const [, size, width, data] =
      /^␛\]1337;File=inline=1;size=(\d+);width=(\d+);preserveAspectRatio=1:([A-Za-z0-9+/=]+)␇\n$/.exec(
        visible(await pictureText(small, "iterm", 80)),
      )!;
    expect(Number(size)).toBe(Buffer.from(data!, "base64").length);
    expect(width).toBe("26");
    expectEnlarged(await shownBy(data!), small, 32);
  });

  it.each([
    // What is wide is no wider than 64 characters or the terminal, and what is high no higher than 24 lines.
    [2000, 500, 80, 64],
    [2000, 500, 30, 30],
    [300, 300, 80, 30],
    [300, 1200, 80, 12],
    [1, 2000, 80, 1],
  ])("a picture of %d×%d in %d columns takes %d", async (width, height, columns, characters) => {
    const text = await pictureText(picture(width, height), "iterm", columns);
    expect(/width=(\d+)/.exec(text)![1]).toBe(String(characters));
  });
});

it("half blocks are those of the screen; what is too large to send is shown in them too", async () => {
  const small = picture(6, 6);
  expect(await pictureText(small, "blocks", 80)).toBe(halfBlocks(small, 80));
  const large = picture(2049, 2);
  expect(await pictureText(large, "kitty", 40)).toBe(halfBlocks(large, 40));
});
