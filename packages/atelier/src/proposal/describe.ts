/** A proposal as people read it: one line or two a choice, aligned, with its reason. */
import { wrapText } from "../cli/format.js";
import type { ProposedRecipe } from "./propose-recipe.js";

export interface ProposalStyle {
  bold(text: string): string;
  dim(text: string): string;
  yellow(text: string): string;
}

/** @param columns of the terminal; infinite where there is none. */
export function describeProposal(
  {
    reasons,
    notes,
    dataset: { card, size },
  }: Pick<ProposedRecipe, "reasons" | "notes"> & { readonly dataset: Pick<ProposedRecipe["dataset"], "card" | "size"> },
  style: ProposalStyle,
  columns: number,
): string[] {
  const label = (name: string): string => name.padEnd(9);
  const lines = [`${style.dim(label("data"))} ${card.title}: ${size}`];
  const width = Math.max(...reasons.map(({ value }) => value.length));
  const indent = " ".repeat(10 + width + 2);
  for (const { setting, value, why } of reasons) {
    const [first = "", ...rest] = wrapText(why, Math.max(20, columns - indent.length)).split("\n");
    lines.push(`${style.dim(label(setting))} ${style.bold(value.padEnd(width))}  ${style.dim(first)}`);
    lines.push(...rest.map((line) => `${indent}${style.dim(line)}`));
  }
  for (const note of notes) {
    const [first = "", ...rest] = wrapText(note, Math.max(20, columns - 10)).split("\n");
    lines.push(`${style.yellow(label("note"))} ${first}`, ...rest.map((line) => `${" ".repeat(10)}${line}`));
  }
  return lines;
}
