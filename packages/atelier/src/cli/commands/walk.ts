/** `atelier walk`: what changes along a way through latent space; and which ways mean something. */
import { z } from "zod";
import type { Attribute } from "../../library/pictures/attributes.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatCount, formatTable } from "../format.js";
import { decimal, flag, integer, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding } from "./emit-output.js";
import { classOption, dataOption, defaultPath, emitFrames, framesOption, stagesOf } from "./latent-options.js";

export const walk = defineCommand({
  name: "walk",
  summary: "walk through latent space, along an axis or from one class to another",
  details:
    "With --axis, one number of the latent vector goes from −3 to 3 standard deviations and all others stay. With --to, the difference of the " +
    "mean latent vectors of two classes is added bit by bit; without --from, the mean of all other classes is the other end. GIF and WebP go " +
    "there and back without end, PNG and JPEG show a strip. Without --out, MODEL-walk.gif in the current folder. --attributes lists such " +
    "directions and how well each tells held-out pictures apart: AUROC, and the accuracy with both classes counting the same.",
  examples: [
    ["atelier walk fashion --axis 3 --seed 7 --out axis.gif", "what the third axis stands for"],
    [
      'atelier walk fashion --from Sandal --to "Ankle boot" --picture sandal.png --out boot.webp',
      "makes a boot of a sandal",
    ],
    ["atelier walk fashion --attributes", "how well each class stands apart from all others"],
    ["atelier walk fashion --attributes --from Shirt", "and a shirt from each of the others"],
  ],
  options: {
    axis: value(integer({ min: 1 }), { summary: "an axis, from 1 to the latent width", placeholder: "K" }),
    from: value(z.string(), { summary: "the class to walk away from", placeholder: "CLASS" }),
    to: value(z.string(), { summary: "the class to walk to", placeholder: "CLASS" }),
    attributes: flag("list directions between classes instead"),
    data: dataOption,
    picture: value(z.string(), { summary: "begin at this picture", placeholder: "FILE" }),
    seed: value(integer({ min: 0 }), { summary: "begin at the picture of this seed; by default 1", placeholder: "N" }),
    reach: value(decimal({ above: 0 }), {
      summary: "how far: standard deviations (3 by default), or differences of classes (1)",
      placeholder: "R",
    }),
    frames: framesOption,
    class: classOption,
    out: value(z.string(), { summary: "a GIF or WebP animation, or a picture file for a strip", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { attributes: listed, device, threads, out: asked, class: name, ...request } = options;
    if (listed && request.axis !== undefined) {
      throw new UsageError("--attributes lists directions between classes, and an axis is none", {
        hint: "leave --axis out",
      });
    }
    if (!listed && (request.axis === undefined) === (request.to === undefined)) {
      throw new UsageError("a walk goes along an axis, or towards a class", { hint: "give --axis K, or --to CLASS" });
    }
    if (request.picture !== undefined && request.seed !== undefined) {
      throw new UsageError("--picture and --seed exclude each other", { hint: "give one of them" });
    }
    const path = asked ?? defaultPath(positionals.model, "walk.gif");
    checkEnding(path, "picture");
    const model = await load(positionals.model, { home, device, threads });
    try {
      const run = { signal, onProgress: stagesOf(progress) };
      if (listed) {
        const { attributes } = await import("../../library/pictures/attributes.js");
        const found = await attributes(model, request, run);
        progress.stop();
        for (const line of attributeTable(found)) out.text(line);
        return {
          model: model.name,
          attributes: found.map(({ vector, middle: _, from = null, ...rest }) => ({
            from,
            ...rest,
            vector: [...vector],
          })),
        };
      }
      const { walk: through } = await import("../../library/pictures/walk.js");
      const made = await through(model, { ...request, class: name }, run);
      progress.stop();
      return await emitFrames(out, model, made, path);
    } finally {
      progress.stop();
      await model.release();
    }
  },
});

function attributeTable(found: readonly Attribute[]): string[] {
  const right = ["AUROC", "accuracy", "held-out pictures"];
  const rows = found.map(({ from, to, separation, accuracy }) => [
    from ?? "all others",
    to,
    separation.value.toFixed(3),
    separation.low === undefined || separation.high === undefined
      ? ""
      : `${separation.low.toFixed(3)} to ${separation.high.toFixed(3)}`,
    `${(100 * accuracy).toFixed(1)} %`,
    formatCount(separation.samples),
  ]);
  return formatTable(["from", "to", "AUROC", "95 % interval", "accuracy", "held-out pictures"], rows, right);
}
