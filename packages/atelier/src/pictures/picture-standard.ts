/** What decides how good a picture model is: its loss on held-out pictures, or what it draws. */
import type { Measure } from "../evaluation/metrics/measure.js";
import type {
  ExamineRequest,
  FigureHistory,
  Findings,
  Judged,
  JudgedRival,
  ModelState,
  Score,
} from "../training/subject.js";
import type { DrawnExamination } from "./examine-samples.js";

/** What a standard finds in the end. */
export type Decision = Pick<
  Findings,
  "score" | "count" | "protocol" | "quality" | "results" | "figures" | "lossUnit" | "judgedBy"
> & {
  /** Its own; `quality` is one of them, or of what was measured of drawn pictures. */
  readonly measures: readonly Measure[];
  readonly warnings: readonly string[];
};

export interface PictureStandard {
  baseline(): Promise<JudgedRival>;
  judge(state: ModelState, history: FigureHistory): Promise<Judged>;
  /** @param drawn what was measured of drawn pictures, where the model draws any */
  decide(request: ExamineRequest, drawn: DrawnExamination | undefined): Promise<Decision>;
  release(): Promise<void>;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const resultsOf = (own: Score, rival: Score): Record<string, number> => ({
  ...own,
  ...Object.fromEntries(Object.entries(rival).map(([name, value]) => [`baseline${capital(name)}`, value])),
});
