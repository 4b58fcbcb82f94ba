/** What a row of the benchmark is: a figure of ours, a peer's, their ratio, and the bar that the ratio has to stay under. */

/**
 * What a row cannot do without: a Python with PyTorch, one with Hugging Face transformers too, TensorFlow.js, the text to train on, the
 * pictures, or a DDPM that PyTorch trained beside a model of ours.
 */
export type Need = "python" | "transformers" | "tfjs" | "text" | "pictures" | "ddpm";

/** Two finished trainings. */
export interface DdpmFiles {
  /** What peers/torch_ddpm_train.py wrote. */
  readonly weights: string;
  /** The folder of our model. */
  readonly model: string;
}

/** Everything a row may use while it measures; what it `needs` is there. */
export interface BenchContext {
  readonly threads: number;
  readonly rounds: number;
  /** The Python interpreter; undefined without one. */
  readonly python: string | undefined;
  /** Where TensorFlow.js is installed; undefined unless a chosen row needs it. */
  readonly tfjsModules: string | undefined;
  /** tinyshakespeare, or undefined: step workers then train on random tokens, which costs the same. */
  readonly text: string | undefined;
  /** The folder of Fashion-MNIST, or undefined. */
  readonly pictures: string | undefined;
  readonly ddpm: DdpmFiles | undefined;
  /** One line of progress for people, without a line break. */
  readonly progress: (line: string) => void;
}

export interface Measurement {
  /** In the row's unit. `null` when ours never got there. */
  readonly ours: number | null;
  readonly peer: number;
  /** ours / peer: the median over the rounds where there are several. */
  readonly ratio: number | null;
  /** The least and greatest ratio of the rounds. */
  readonly range?: readonly [number, number];
  /** What was measured against what, with versions. */
  readonly note: string;
}

export interface Row {
  readonly name: string;
  /** What is measured, in a few words. */
  readonly title: string;
  readonly unit: string;
  /** The largest ratio that passes; a row without one is for information. */
  readonly bar?: number;
  /** The whole range has to lie under the bar, not the ratio alone. */
  readonly wholeRange?: boolean;
  readonly needs: readonly Need[];
  measure(context: BenchContext): Promise<Measurement>;
}
