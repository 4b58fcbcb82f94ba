/** `atelier evaluate`: how well a model predicts text, beside the n-gram baseline on the same tokens. */

import { openTextDataset, TokenStream } from "@atelier/data";
import { z } from "zod";
import { baselineName, fitBaseline, verdict } from "../../evaluation/baseline.js";
import { defineCommand } from "../command.js";
import { formatCount, formatTable, wrapText } from "../format.js";
import { required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";

export const evaluate = defineCommand({
  name: "evaluate",
  summary: "measure a model on held-out text, beside the n-gram baseline",
  details:
    "Without --data, the validation split of the model's own data is judged. With it, the whole of another text is; the baseline is then " +
    "still fitted on the model's training text.",
  examples: [
    ["atelier evaluate whale", "loss, perplexity and bits per byte on its validation split"],
    ["atelier evaluate whale --data other.txt --json", "on another text, for programs"],
  ],
  options: {
    data: value(z.string(), { summary: "a dataset's name, or the path of a file or folder", placeholder: "SOURCE" }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { openModel } = await import("../../model/load.js");
    const { GptJudge, scoreBaseline, scoreOf, targetBytes } = await import("../../evaluation/evaluate.js");
    const { openCorpus } = await import("../../training/corpus.js");
    const { resolveRecipe } = await import("../../recipe/resolve.js");
    const model = await openModel(home, positionals.model);
    const recipe = resolveRecipe(model.record.training.recipe);
    const corpus = await openCorpus(recipe, {
      home,
      codec: model.codec.toJSON(),
      signal,
      inspect({ card }) {
        if (card.fingerprint === model.record.dataset.fingerprint) return;
        out.warn(`the data ${recipe.data} is no longer what ${model.record.name} was trained on`);
      },
    });
    const stream =
      options.data === undefined
        ? corpus.validation
        : TokenStream.fromDocuments((await openTextDataset(options.data, { home, signal })).documents, model.codec);
    const judge = new GptJudge(model.configuration, { device: options.device, threads: options.threads });
    const task = progress.start({ label: "evaluating", total: stream.length - 1, unit: "tokens" });
    const { nats, count } = await judge.score(model.weights, stream, {
      signal,
      onProgress: (done) => task.update(done),
    });
    task.stop();
    await judge.release();
    const score = scoreOf(nats, count, targetBytes(model.codec, stream));
    const baseline = fitBaseline(corpus.train.ids, model.codec.spec.vocabulary);
    const rival = scoreBaseline(baseline, model.codec, stream, model.configuration.context);
    const name = baselineName(baseline);
    const rows = [
      ["loss (nats per token)", score.loss.toFixed(4), rival.loss.toFixed(4)],
      ["perplexity", score.perplexity.toFixed(3), rival.perplexity.toFixed(3)],
      ["bits per byte", score.bitsPerByte.toFixed(4), rival.bitsPerByte.toFixed(4)],
    ];
    const what = options.data ?? `the validation split of ${corpus.dataset.card.title}`;
    out.text(
      wrapText(`${formatCount(count)} tokens of ${what}, in windows of ${model.configuration.context}`, out.columns),
    );
    for (const line of formatTable(["", model.record.name, name], rows, [model.record.name, name])) out.text(line);
    out.text(wrapText(verdict(score, rival, name), out.columns));
    return {
      model: model.record.name,
      data: what,
      context: model.configuration.context,
      score,
      baseline: { name, ...rival },
    };
  },
});
