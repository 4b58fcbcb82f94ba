import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { formatFields, wrapText } from "./format.js";
import { createProgress } from "./progress.js";

describe("wrapping", () => {
  it("breaks at spaces, and begins every line but the first with the indent", () => {
    expect(wrapText("Call me Ishmael. Some years ago", 16)).toBe("Call me Ishmael.\nSome years ago");
    expect(wrapText("Call me Ishmael. Some years ago", 15, "  ")).toBe("Call me\n  Ishmael. Some\n  years ago");
  });

  it("keeps line ends, empty lines and the spaces between columns", () => {
    expect(wrapText("a\n\n  b  c\n", 80, "> ")).toBe("a\n> \n>   b  c\n> ");
    expect(wrapText("", 10)).toBe("");
  });

  it("leaves alone what no line can hold, and everything where there is no width", () => {
    expect(wrapText("see https://example.org/a/long/address now", 12)).toBe(
      "see https://example.org/a/long/address\nnow",
    );
    const long = "word ".repeat(100).trim();
    expect(wrapText(long, Number.POSITIVE_INFINITY)).toBe(long);
  });

  it("keeps the second column of fields under itself", () => {
    expect(
      formatFields(
        [
          ["--json", "print one document"],
          ["-h", "help"],
          ["gone", undefined],
        ],
        20,
      ),
    ).toEqual(["--json  print one\n        document", "-h      help"]);
  });
});

it("the bar leaves out, from the end, what a narrow terminal cannot hold", () => {
  const shownAt = (columns: number): string => {
    let shown = "";
    const stream = Object.assign(
      new Writable({
        write(chunk, _, done) {
          shown += String(chunk);
          done();
        },
      }),
      { isTTY: true, columns },
    );
    const progress = createProgress(stream);
    const task = progress.start({ label: "training", total: 2000, unit: "steps" });
    task.update(1000, "loss 1.2345 · 120,000 tokens/s");
    progress.stop();
    const pieces = shown.split("\u001b").map((piece) => piece.slice(piece.indexOf("training")));
    return pieces.find((piece) => piece.includes(" 50 % ")) ?? "";
  };
  expect(shownAt(200)).toMatch(/^training █{12}░{12} 50 % · 1,000\/2,000 steps.* · loss 1\.2345 · 120,000 tokens\/s$/);
  expect(shownAt(75)).toMatch(/^training █{6}░{6} 50 % · 1,000\/2,000 steps( · 0 s left)? · loss 1\.2345$/);
  expect(shownAt(50)).toBe("training ██████░░░░░░ 50 % · 1,000/2,000 steps");
});
