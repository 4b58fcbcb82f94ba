/** What `atelier train` shows: while it goes on, and in the end. */
import type { DatasetProgress, SkippedFile } from "@atelier/data";
import { formatEnergy } from "../../energy/energy.js";
import type { TrainEvent, TrainResult } from "../../training/events.js";
import type { Context } from "../command.js";
import { formatCount, formatDuration, wrapText } from "../format.js";
import { formatEvidence } from "../measures.js";
import type { OptionSpecs, PositionalSpecs } from "../options.js";
import type { Progress, ProgressTask } from "../progress.js";

const stages: Readonly<Record<DatasetProgress["stage"], string>> = {
  download: "download",
  read: "reading",
  decode: "decoding",
  curate: "curating",
  fit: "learning the codec",
  encode: "encoding",
};

/** Milliseconds: what is done sooner needs no bar. */
const SHORT = 700;

/** Progress of reading, curating, learning the codec and encoding: each that takes a while. */
export function dataReporter(progress: Pick<Progress, "start">): (progress: DatasetProgress) => void {
  let task: ProgressTask | undefined;
  let current = "";
  let startedAt = 0;
  return ({ stage, unit, done, total }) => {
    const key = `${stage} ${unit}`;
    if (key !== current) {
      task?.stop();
      task = undefined;
      current = key;
      startedAt = performance.now();
    }
    const large = unit === "bytes" && total >= 1e7;
    const shown = (count: number): number => (large ? Math.round(count / 1e6) : count);
    if (task === undefined) {
      if (done >= total || (stage !== "download" && performance.now() - startedAt < SHORT)) return;
      task = progress.start({
        label: stages[stage],
        total: shown(total),
        unit: large ? "MB" : unit,
        from: shown(done),
      });
    }
    task.update(shown(done));
  };
}

/** Shows what happens: lines for what is settled, a bar for what goes on. `dataTold`: what the data are has been said already. */
export function trainReporter(
  { out, progress }: Pick<Context<OptionSpecs, PositionalSpecs>, "out" | "progress">,
  { dataTold = false }: { readonly dataTold?: boolean } = {},
): (event: TrainEvent) => void {
  const data = dataReporter(progress);
  let task: ProgressTask | undefined;
  let other: ProgressTask | undefined;
  let total = 0;
  let stage = "";
  /** Of each phase, when it last had its turn. */
  const losses = new Map<string, number>();
  const { style } = out;
  return (event) => {
    switch (event.kind) {
      case "data":
        data(event.progress);
        break;
      case "subject": {
        progress.stop();
        const { family, card, words, unit } = event.subject;
        if (!dataTold) {
          out.text(`${style.dim("data ")}  ${card.title}`);
          out.text(`       ${words.size}`);
        }
        // Which pictures are broken is known only now that they are decoded.
        const skipped = dataTold && unit !== "pictures" ? undefined : skippedFiles(card.skipped ?? []);
        if (skipped !== undefined) out.warn(skipped);
        out.text(`${style.dim("codec")}  ${words.codec}`);
        out.text(`${style.dim("model")}  ${family}, ${formatCount(event.parameters)} parameters: ${words.model}`);
        break;
      }
      case "run":
        total = event.total;
        out.text(
          event.from === 0
            ? `${style.dim("run  ")}  ${style.bold(event.name)} in ${event.directory}`
            : `${style.dim("run  ")}  ${style.bold(event.name)} goes on from step ${formatCount(event.from)}`,
        );
        break;
      case "baseline":
        progress.stop();
        out.text(`${style.dim("base ")}  ${event.name}: ${event.text} (fitted in ${event.seconds.toFixed(1)} s)`);
        break;
      case "steps": {
        task ??= progress.start({ label: "training", total, unit: "steps", from: event.step });
        const { unit, unitsPerSecond } = event;
        const rate = unitsPerSecond > 0 ? ` · ${formatCount(Number(unitsPerSecond.toPrecision(3)))} ${unit}/s` : "";
        for (const [name, value] of phaseLosses(event)) losses.set(name, value);
        task.update(event.step, `${lossText(event.loss, losses)}${rate}`);
        break;
      }
      case "evaluation":
        out.text(
          wrapText(
            `${style.dim("step ")}  ${formatCount(event.step).padStart(6)}  ${event.text ?? `validation loss ${event.loss.toFixed(4)}`}`,
            out.columns,
            " ".repeat(15),
          ),
        );
        break;
      case "early-stop":
        out.text(
          `${style.dim("stop ")}  no better since step ${formatCount(event.best)}: the weights of that step are the model`,
        );
        break;
      case "stage":
        if (stage !== event.stage) other = progress.start({ label: event.stage, total: event.total, unit: "" });
        stage = event.stage;
        if (event.done > 0) other?.update(event.done);
        break;
      case "warning":
        out.warn(event.message);
        break;
      case "checkpoint":
        break;
    }
  };
}

const phaseLosses = ({ figures }: Extract<TrainEvent, { kind: "steps" }>): [name: string, value: number][] =>
  Object.entries(figures).filter(([name]) => name.endsWith(".loss"));

/** `loss 1.2345`; of several phases, whose sum means little, `discriminator loss 0.6543, generator loss 0.8123`. */
const lossText = (loss: number, phases: ReadonlyMap<string, number>): string =>
  phases.size === 0
    ? `loss ${loss.toFixed(4)}`
    : [...phases].map(([name, value]) => `${name.replace(".", " ")} ${value.toFixed(4)}`).join(", ");

/** `2 files were skipped: a.txt (no UTF-8) and 1 more` */
function skippedFiles([first, ...others]: readonly SkippedFile[]): string | undefined {
  if (first === undefined) return undefined;
  const count = others.length === 0 ? "1 file was" : `${formatCount(others.length + 1)} files were`;
  const more = others.length === 0 ? "" : ` and ${formatCount(others.length)} more`;
  return `${count} skipped: ${first.file} (${first.reason})${more}`;
}

export function printResult(result: TrainResult, out: Context<OptionSpecs, PositionalSpecs>["out"]): void {
  const { style } = out;
  const { evidence } = result;
  if (evidence === undefined) return;
  out.text();
  for (const { prompt, model, baseline } of result.samples) {
    out.text(style.dim(`─── ${JSON.stringify(prompt)} …`));
    out.text(`${style.green("model")}    ${indent(model, out.columns)}`);
    if (baseline !== "") out.text(`${style.yellow("baseline")} ${indent(baseline, out.columns)}`);
    out.text();
  }
  for (const { title, path } of result.pictures) out.text(`${style.dim("see  ")}  ${path} (${title})`);
  if (result.pictures.length > 0) out.text();
  for (const line of formatEvidence(evidence, "this model", out.columns)) out.text(line);
  out.text();
  for (const line of [evidence.verdict?.summary, result.goal?.text].filter((text) => text !== undefined))
    out.text(style.bold(wrapText(line, out.columns)));
  for (const next of evidence.verdict?.next ?? []) out.text(wrapText(`  try: ${next}`, out.columns, "       "));
  out.text();
  const energy = evidence.energy === undefined ? "" : `, ${formatEnergy(evidence.energy)}`;
  out.text(`trained ${formatCount(result.step)} steps in ${formatDuration(result.seconds)}${energy}`);
  out.text(`model   ${result.model}`);
  out.text(`report  ${result.report}`);
  out.text(`next    ${nextCommand(result)}`);
}

/** What to do with the model, ready to be copied. */
function nextCommand({ run, samples, can }: TrainResult): string {
  if (can.includes("generate")) return `atelier generate ${run}${promptFrom(samples[0]?.prompt)}`;
  return can.includes("fill") ? `atelier fill ${run} "…"` : `atelier evaluate ${run}`;
}

/** A prompt that the model can read, and any shell: the first plain words of one that it has read. */
function promptFrom(text = ""): string {
  const words = /[\p{L}\p{N}]+(?: [\p{L}\p{N}]+){0,2}/u.exec(text)?.[0];
  return words === undefined ? "" : ` --prompt "${words}"`;
}

/** Beside a label of 9 columns, and so wrapped as if that stood before it. */
const indent = (text: string, columns: number): string =>
  wrapText(`${" ".repeat(8)}|${text.trimEnd()}`, columns, " ".repeat(9)).slice(9);
