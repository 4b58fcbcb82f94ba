/** The family `gan` as the rest of the package sees it. It says nothing of a picture in hand, and so is judged by what it draws. */
import type { ImageCodec } from "@atelier/data";
import { ArgumentError, hostTensor, input } from "@atelier/engine";
import { type GanConfiguration, type GanNetwork, gan, ganConfiguration, ganGenerate } from "@atelier/models";
import type { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import { ganModelSchema } from "../../recipe/gan-schema.js";
import type { ModelState } from "../../training/subject.js";
import type { GridModel, PictureFamily, PictureGenerator, Values } from "../picture-family.js";
import { normalRows, RowPass } from "../row-pass.js";
import { watchGan } from "./gan-monitor.js";
import { CLASS, classConditions, knownClasses } from "./labels.js";
import { classNames, parseConfiguration } from "./restore.js";

const savedSchema = ganModelSchema.extend({ classes: classNames });
type Saved = z.infer<typeof savedSchema>;

/** The class is left out of no picture: neither network learns to do without. */
const NEVER = 0;

export const ganFamily: PictureFamily = {
  name: "gan",
  create(recipe, { codec, classes }) {
    if (recipe.family !== "gan") throw new ArgumentError(`A recipe for ${recipe.family} makes no gan`);
    const { classes: told, ...settings } = recipe.model;
    return ganModel({ ...settings, classes: knownClasses("gan", told ? NEVER : undefined, classes).classes }, codec);
  },
  restore: (json, codec, file) => ganModel(parseConfiguration(savedSchema, json, "gan", file), codec),
};

function ganModel(saved: Saved, codec: ImageCodec): GridModel {
  const { classes, ...settings } = saved;
  const c = ganConfiguration({
    ...settings,
    shape: codec.spec.shape,
    conditions: classConditions(classes, NEVER),
  });
  const labelled = classes.length > 0;
  return {
    family: "gan",
    can: ["generate"],
    configuration: saved,
    codec,
    classes,
    trainable: gan(c),
    network: "generator",
    words: `latent ${c.latent}, ${describe(c.generator)} against ${describe(c.discriminator)}, ${LOSSES[c.loss.kind]}`,
    batch: (x, labels) => (labelled ? { x, [CLASS]: hostTensor(labels, [labels.length]) } : { x }),
    monitor: (history, counts) => watchGan(c.loss.kind, history, counts),
    generator: (state, on) => ganGenerator(c, classes.length, state, on),
    forward: (scope, rows) => {
      const z = input("z", [rows, c.latent], "float32");
      const values = labelled ? { [CLASS]: input(CLASS, [rows], "int32") } : {};
      return {
        outputs: new Map([["picture", ganGenerate(scope, c, z, values)]]),
        inputs:
          `z: (${rows}, ${c.latent}) float32, drawn from the standard normal distribution` +
          (labelled ? `; ${CLASS}: (${rows}) int32, a number of: ${classes.join(", ")}` : ""),
        gives: `picture: (${[rows, ...c.shape].join(", ")}) float32${c.output === "tanh" ? " in [-1, 1]" : ", of which what lies in [-1, 1] is shown"}`,
      };
    },
  };
}

/** A picture follows from its key, as does its class where none is asked for: each is as likely then. */
function ganGenerator(c: GanConfiguration, classes: number, state: ModelState, on: Placement): PictureGenerator {
  const pass = new RowPass((scope, { z, ...values }) => ({ picture: ganGenerate(scope, c, z!, values) }), on);
  return {
    async generate({ count, label, temperature = 1 }, key, options) {
      const { picture } = await pass.run(
        state,
        count,
        ({ indices }) => {
          const z = normalRows(indices, [c.latent], (i) => key.at(i));
          const labels = indices.map((i) => label ?? key.at(i).split(CLASS).integer(classes));
          const scaled = hostTensor(z.data.map((value) => temperature * value) as Values, z.shape);
          return { z: scaled, ...(classes === 0 ? {} : { [CLASS]: hostTensor(labels, [labels.length]) }) };
        },
        options,
      );
      return picture as Values;
    },
    release: () => pass.release(),
  };
}

const LOSSES = {
  relativistic: "relativistic loss",
  "non-saturating": "non-saturating loss",
  wasserstein: "Wasserstein loss",
} as const;

const describe = (network: GanNetwork): string =>
  network.kind === "mlp"
    ? `perceptrons of ${network.hidden.join(", ")}`
    : `${network.kind === "residual" ? "residual blocks" : "convolutions"} of ${network.channels.join(", ")} channels`;
