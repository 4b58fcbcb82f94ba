/**
 * How far it is, and how long it will take: a bar on a terminal, elsewhere a plain line now and then. Always on standard error, so
 * that results stay clean.
 */
import { Writable } from "node:stream";
import cliProgress from "cli-progress";
import { formatCount, formatDuration } from "./format.js";
import type { TextStream } from "./output.js";

export interface TaskDescription {
  /** For example `training`. */
  readonly label: string;
  readonly total: number;
  /** What is counted: `steps`. */
  readonly unit: string;
  /** Where it begins, when resumed; default 0. */
  readonly from?: number;
}

export interface ProgressTask {
  /** @param note a short remark, such as the loss. */
  update(done: number, note?: string): void;
  /** Ends the display; on a terminal the bar disappears. A second call does nothing. */
  stop(): void;
}

export interface Progress {
  /** Shows a task, ending the one before. */
  start(task: TaskDescription): ProgressTask;
  /** Wipes the bar for a moment, so that a line can be written in its place; it is drawn again by itself. */
  clear(): void;
  stop(): void;
}

/** Milliseconds between plain lines. */
const PLAIN_INTERVAL = 10_000;
/** The rate is judged over this many last milliseconds: the first steps are slower, and machines get busy. */
const RATE_WINDOW = 30_000;

/** Estimates the time left from recent progress. */
export class TimeLeft {
  readonly #total: number;
  readonly #samples: { at: number; done: number }[];

  constructor(total: number, from: number, now: number) {
    this.#total = total;
    this.#samples = [{ at: now, done: from }];
  }

  /** Seconds left, or undefined before there is anything to judge by. */
  after(done: number, now: number): number | undefined {
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= now - RATE_WINDOW) this.#samples.shift();
    const first = this.#samples[0]!;
    if (done <= first.done || now <= first.at) return undefined;
    return ((now - first.at) / 1000 / (done - first.done)) * Math.max(0, this.#total - done);
  }
}

const left = (seconds: number | undefined): string => (seconds === undefined ? "" : `${formatDuration(seconds)} left`);

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");

function plainTask(
  { label, total, unit, from = 0 }: TaskDescription,
  stream: TextStream,
  now: () => number,
): ProgressTask {
  const time = new TimeLeft(total, from, now());
  let printedAt = now();
  let last: { done: number; note: string } | undefined;
  const print = (done: number, remaining: string, note: string): void => {
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
    stream.write(
      `${joined(`${label} ${formatCount(done)}/${formatCount(total)} ${unit} (${percent} %)`, remaining, note)}\n`,
    );
  };
  return {
    update(done, note = "") {
      const seconds = time.after(done, now());
      last = { done, note };
      if (now() - printedAt < PLAIN_INTERVAL) return;
      printedAt = now();
      print(done, left(seconds), note);
      last = undefined;
    },
    stop() {
      if (last !== undefined) print(last.done, "", last.note);
      last = undefined;
    },
  };
}

const CURSOR_SAVE = "\u001b7";
const CURSOR_RESTORE = "\u001b8";

/**
 * The terminal without saving and restoring the cursor: cli-progress would, when a bar ends, jump back to the row where it began, and
 * wipe whatever was printed there meanwhile.
 */
function withoutCursorJumps(stream: TextStream & NodeJS.WritableStream): NodeJS.WritableStream {
  const filtered = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      if (text !== CURSOR_SAVE && text !== CURSOR_RESTORE) stream.write(text);
      done();
    },
  });
  return Object.defineProperties(filtered, { isTTY: { value: true }, columns: { get: () => stream.columns } });
}

function barTask(
  { label, total, unit, from = 0 }: TaskDescription,
  stream: TextStream & NodeJS.WritableStream,
): ProgressTask {
  const time = new TimeLeft(total, from, Date.now());
  const columns = stream.columns ?? 80;
  const barsize = columns < 100 ? 12 : 24;
  const bar = new cliProgress.SingleBar(
    {
      format: `${label} {bar} {percentage} % · {count} ${unit}{rest}`,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize,
      fps: 10,
      stream: withoutCursorJumps(stream),
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      gracefulExit: false,
      // A line written in the bar's place must not leave it away until its numbers change.
      forceRedraw: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const payload = (done: number, remaining: string, note: string): Record<string, string> => {
    const count = `${formatCount(done)}/${formatCount(total)}`;
    const room = columns - `${label} ${" ".repeat(barsize)} 100 % · ${count} ${unit}`.length;
    // What does not fit is left out from the end, whole parts at a time.
    let rest = "";
    for (const part of joined(remaining, note)
      .split(" · ")
      .filter((part) => part !== "")) {
      if (rest.length + part.length + 3 > room) break;
      rest += ` · ${part}`;
    }
    return { count, rest };
  };
  bar.start(total, from, payload(from, "", ""));
  return {
    update(done, note = "") {
      bar.update(done, payload(done, left(time.after(done, Date.now())), note));
    },
    stop() {
      bar.stop();
    },
  };
}

/** Progress on standard error: a bar if it is a terminal. `now` (milliseconds) is for tests. */
export function createProgress(stderr: TextStream & NodeJS.WritableStream, now: () => number = Date.now): Progress {
  const terminal = stderr.isTTY === true;
  let current: ProgressTask | undefined;
  const stop = (): void => {
    current?.stop();
    current = undefined;
  };
  return {
    start(description) {
      stop();
      const task = terminal ? barTask(description, stderr) : plainTask(description, stderr, now);
      current = task;
      return {
        update: (done, note) => task.update(done, note),
        stop: () => {
          if (current === task) stop();
        },
      };
    },
    clear() {
      if (terminal && current !== undefined) stderr.write("\r\u001b[K");
    },
    stop,
  };
}
