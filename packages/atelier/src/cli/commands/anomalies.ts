/** `atelier anomalies`: how odd pictures are to a model, and where in them. */
import { z } from "zod";
import { formatMeasured } from "../../evaluation/metrics/measure-table.js";
import { defineCommand } from "../command.js";
import { formatCount, formatTable, wrapText } from "../format.js";
import { formatMeasures } from "../measures.js";
import { integer, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding } from "./emit-output.js";
import { emitFile, stagesOf } from "./latent-options.js";

export const anomalies = defineCommand({
  name: "anomalies",
  summary: "rank pictures by how odd they are to a model, and show where",
  details:
    "By likelihood: −log p of each picture, or its upper bound. By reconstruction: the mean squared error of what comes back. Likelihoods can " +
    "fail, since what is simple may be more probable than what was learnt (Nalisnick et al. 2019): with --anomalous both are measured on " +
    "labelled pictures (AUROC), beside the distance to the nearest training picture. Of the model's own data only those pictures are judged " +
    "that it did not learn from. To see it on a real split, train with a class left out: --set exclude='[\"Bag\"]'.",
  examples: [
    ["atelier anomalies fashion ./clothes --out odd.png", "the oddest pictures, and where they are odd"],
    ["atelier anomalies fashion fashion-mnist --anomalous Bag", "how well bags are told from all other classes"],
    ["atelier anomalies fashion ./clothes --score reconstruction --json", "every picture's scores, for programs"],
  ],
  options: {
    score: value(z.enum(["likelihood", "reconstruction"]), {
      summary: "rank by likelihood (where the model has one) or by reconstruction",
      placeholder: "SCORE",
    }),
    anomalous: value(z.string(), {
      summary: "classes that are anomalies, with commas between",
      placeholder: "CLASS[,CLASS]",
    }),
    count: value(integer({ min: 1, max: 1000 }), {
      summary: "how many are shown",
      placeholder: "N",
      short: "n",
      default: 20,
    }),
    out: value(z.string(), { summary: "write them to a picture file, each beside its heat map", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: {
    model: required("name of a model, or the path of its folder"),
    source: required("pictures to judge: a dataset's name, or the path of a file or folder"),
  },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { anomalies: rank, anomalyPairs } = await import("../../library/pictures/anomalies.js");
    const { pairsOf } = await import("../../library/pictures/layouts.js");
    const { out: path, device, threads, score, count } = options;
    if (path !== undefined) checkEnding(path, "picture");
    const anomalous = options.anomalous?.split(",").map((name) => name.trim());
    const model = await load(positionals.model, { home, device, threads });
    try {
      const request = { data: positionals.source, score, anomalous, count };
      const found = await rank(model, request, { signal, onProgress: stagesOf(progress) });
      progress.stop();
      const { ranked, shown, measures, words, data } = found;
      for (const { file, reason } of data.skipped ?? []) out.warn(`${file} is left out: ${reason}`);
      out.text(
        wrapText(`${words}: ${formatCount(ranked.length)} pictures, by ${found.score}, the oddest first`, out.columns),
      );
      const right = ["score"];
      const rows = shown.map((each) => [formatMeasured(each.score), each.class ?? "", each.name]);
      for (const line of formatTable([...right, "class", "picture"], rows, right)) out.text(line);
      if (measures.length > 0) {
        out.text();
        for (const line of formatMeasures(measures, model.name, out.columns)) out.text(line);
        for (const { name, protocol } of measures) out.text(wrapText(`${name}: ${protocol}`, out.columns));
      }
      if (path !== undefined) await emitFile(out, await pairsOf(anomalyPairs(shown)), found.provenance, path);
      return {
        model: model.name,
        data: words,
        score: found.score,
        ranked: ranked.map(({ name, class: label = null, nats = null, error, score: ranking }) => ({
          name,
          class: label,
          score: ranking,
          nats,
          error,
        })),
        measures,
        ...(path === undefined ? {} : { out: path }),
      };
    } finally {
      progress.stop();
      await model.release();
    }
  },
});
