/** How tokens are drawn: the options of every command that writes. */
import { z } from "zod";
import { decimal, integer, value } from "../options.js";

/** 8-bit weights, for commands that only compute with them. */
export const weightsOption = value(z.enum(["float32", "int8"]), {
  summary: "int8 is faster, and does not give quite the same text",
  placeholder: "FORM",
});

export const samplingOptions = {
  topK: value(integer({ min: 1 }), { summary: "choose among the K likeliest tokens", placeholder: "K" }),
  topP: value(decimal({ above: 0, max: 1 }), {
    summary: "choose among the likeliest tokens that hold this probability",
    placeholder: "P",
  }),
  minP: value(decimal({ above: 0, max: 1 }), {
    summary: "choose among tokens at least this share as likely as the likeliest",
    placeholder: "P",
  }),
  repetitionPenalty: value(decimal({ above: 0 }), {
    summary: "above 1, tokens that were there before become less likely",
    placeholder: "X",
  }),
  repetitionWindow: value(integer({ min: 1 }), {
    summary: "how many of the latest tokens the penalty counts",
    placeholder: "N",
  }),
  seed: value(integer({ min: 0 }), { summary: "by default another one each time", placeholder: "N" }),
};
