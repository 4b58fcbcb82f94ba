/** What the figures of a GAN's training say of its health: how well the discriminator tells pictures apart, and how steep both losses are. */
import { type GanLoss, ganMonitor } from "@atelier/models";
import type { ClassCounts } from "../../evaluation/metrics/pictures/class-shares.js";
import type { FigureHistory } from "../../training/subject.js";
import type { Health } from "../picture-family.js";

export function watchGan(loss: GanLoss["kind"], history: FigureHistory, classes: ClassCounts | undefined): Health {
  const mean = (figure: string): number | undefined => {
    const values = history.flatMap((row) => row[figure] ?? []);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const words = (figures: readonly string[], say: (...values: number[]) => string): string[] => {
    const values = figures.map(mean).filter((value) => value !== undefined);
    return values.length === figures.length ? [say(...values)] : [];
  };
  const text = [
    ...words(
      ["discriminator.realAccuracy", "discriminator.fakeAccuracy"],
      (real, fake) => `discriminator right of ${percent(real!)} of real and ${percent(fake!)} of drawn pictures`,
    ),
    ...words(
      ["generator.gradientNorm", "discriminator.gradientNorm"],
      (generator, discriminator) =>
        `gradient norms ${generator!.toPrecision(2)} (generator) and ${discriminator!.toPrecision(2)} (discriminator)`,
    ),
  ].join("; ");
  const diversity = classes === undefined ? {} : { classes: { ...classes, generated: classes.drawn } };
  return { text, warnings: ganMonitor(loss, history, diversity).map(({ message }) => message) };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
