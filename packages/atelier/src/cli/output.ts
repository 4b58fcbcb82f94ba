/** Where text goes: results to standard output, notes to standard error, colours only where somebody can see them. */
import { type PreviewKind, previewKind } from "./preview.js";

/** A stream to write to, as `process.stdout` is. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Text styles; plain functions that return their text unchanged where colours are off. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const paint =
  (on: boolean, code: number, end: number) =>
  (text: string): string =>
    on ? `\u001b[${code}m${text}\u001b[${end}m` : text;

/** On a terminal that is not "dumb", and never when NO_COLOR is set (no-color.org). */
const hasColours = (stream: TextStream, environment: Environment): boolean =>
  stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";

/** Styles for a stream: on where it shows colours. */
export function styleFor(stream: TextStream, environment: Environment): Style {
  const on = hasColours(stream, environment);
  return {
    bold: paint(on, 1, 22),
    dim: paint(on, 2, 22),
    red: paint(on, 31, 39),
    green: paint(on, 32, 39),
    yellow: paint(on, 33, 39),
    cyan: paint(on, 36, 39),
  };
}

export interface Output {
  /** True under `--json`: text for people is then dropped. */
  readonly json: boolean;
  /** For standard output. */
  readonly style: Style;
  /** How standard output shows pictures; undefined where it does not, or is not to. */
  readonly preview: PreviewKind | undefined;
  /** Width of the terminal on standard output; infinite where it is none. */
  readonly columns: number;
  /** One line (or several) for people, on standard output. */
  text(line?: string): void;
  /** A piece of text without a line end, for streaming. */
  write(piece: string): void;
  /** A remark on standard error, also under `--json`. */
  note(line: string): void;
  /** `warning: …` on standard error, also under `--json`. */
  warn(line: string): void;
}

export interface OutputSettings {
  readonly json: boolean;
  /** Whether pictures may be shown. */
  readonly preview: boolean;
  /** Called before anything is written, so that a progress bar can get out of the way. */
  readonly beforeWriting: () => void;
}

export function createOutput(
  streams: { readonly stdout: TextStream; readonly stderr: TextStream; readonly environment: Environment },
  { json, preview, beforeWriting }: OutputSettings,
): Output {
  const { stdout, stderr, environment } = streams;
  const errorStyle = styleFor(stderr, environment);
  const send = (stream: TextStream, text: string): void => {
    beforeWriting();
    stream.write(text);
  };
  return {
    json,
    style: styleFor(stdout, environment),
    preview: preview && !json && hasColours(stdout, environment) ? previewKind(environment) : undefined,
    columns: stdout.columns ?? Number.POSITIVE_INFINITY,
    text: (line = "") => {
      if (!json) send(stdout, `${line}\n`);
    },
    write: (piece) => {
      if (!json) send(stdout, piece);
    },
    note: (line) => send(stderr, `${line}\n`),
    warn: (line) => send(stderr, `${errorStyle.yellow("warning:")} ${line}\n`),
  };
}
