import { describe, expect, it } from "vitest";
import { describeProposal } from "./describe.js";
import { propose } from "./propose.js";

const card = {
  name: "notes",
  title: "notes",
  origin: "here",
  licence: "none",
  fingerprint: `sha256:${"0".repeat(64)}`,
  documents: 900,
  characters: 6_000_000,
  bytes: 6_100_000,
};
const sample = { documents: 900, characters: 6e6, code: 0.97, alphabet: 120, line: 35, longest: 9e4, copies: 3 };
const size = "6,000,000 characters in 900 documents, 6.1 MB";
const proposal = propose({ card, sample }, { memory: 8e9, flops: 1.5e11 }, { data: "notes" });
const plain = { bold: (text: string) => text, dim: (text: string) => text, yellow: (text: string) => text };
const marked = { ...plain, bold: (text: string) => `<b>${text}</b>`, dim: (text: string) => `<i>${text}</i>` };

describe("describeProposal", () => {
  it.each([80, 120])("fits a screen of %i columns, aligned", (columns) => {
    const lines = describeProposal({ ...proposal, dataset: { card, size } }, plain, columns);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[0]).toBe("data      notes: 6,000,000 characters in 900 documents, 6.1 MB");
    // Values, and the reasons beside them, begin in the same column everywhere.
    const value = lines.find((line) => line.startsWith("family"))!;
    const reason = value.indexOf("it can generate, score, fill");
    for (const line of lines.slice(1)) expect(line.slice(reason - 2, reason)).toBe("  ");
  });

  it("sets off what was chosen from why", () => {
    const lines = describeProposal({ ...proposal, dataset: { card, size } }, marked, Number.POSITIVE_INFINITY);
    expect(lines).toHaveLength(1 + proposal.reasons.length + proposal.notes.length);
    expect(lines[2]).toMatch(/^<i>codec {4}<\/i> <b>code, vocabulary 4,096 *<\/b> {2}<i>97 % of the text.*<\/i>$/);
  });
});
