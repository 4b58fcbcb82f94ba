/** Texts, made again. */
import { fill } from "../../library/fill.js";
import { complete } from "../../library/generate.js";
import type { FullFillRequest, FullGenerateRequest } from "../../library/request.js";
import type { How, Task } from "./task.js";

const wholeOf = ({ output }: How): boolean => output.media === "text" && output.whole;

export const generateAgain: Task<FullGenerateRequest> = {
  async again(model, { task: _, ...request }, how) {
    const { rows, provenance } = await complete(model, { ...request, seed: how.seed }, how);
    const whole = wholeOf(how);
    const texts = rows.map(({ prompt, text }) => (whole ? prompt + text : text));
    return { output: { media: "text", texts, whole }, made: provenance };
  },
};

export const fillAgain: Task<FullFillRequest> = {
  async again(model, { task: _, ...request }, how) {
    const { text, gaps, provenance } = await fill(model, { ...request, seed: how.seed }, how);
    const whole = wholeOf(how);
    const texts = whole ? [text] : gaps.map(([first]) => first?.text ?? "");
    return { output: { media: "text", texts, whole }, made: provenance };
  },
};
