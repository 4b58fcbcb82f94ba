/**
 * Measures the features and class probabilities in a file and says how far the figures are from those recorded in it: precision, recall,
 * density, coverage, Fréchet distance, kernel distance, Inception Score. Exit code 0 where all are within their bars (or nothing is
 * expected of them), 1 where one is not or the file is no such file, 2 for a command line that makes no sense.
 *
 *   npm run image-metrics -- path/to/image-metrics.json [--json]
 */
import { imageMetrics, passes, strayOf, valuesOf } from "./image-metrics-fixture.js";
import { runTool } from "./run-tool.js";

runTool("npm run image-metrics -- FILE [--json]", 1, async ([file], json) => {
  const metrics = await imageMetrics(file!);
  if (json) console.log(JSON.stringify(valuesOf(metrics)));
  else {
    const rows = metrics.map((metric) => {
      const stray = strayOf(metric);
      const verdict = stray === undefined ? "" : passes(metric) ? "pass" : "fail";
      return [
        metric.name,
        metric.value.toPrecision(12),
        metric.expected?.toPrecision(12) ?? "",
        stray?.toExponential(1) ?? "",
        stray === undefined ? "" : metric.bar.toExponential(0),
        verdict,
      ];
    });
    const table = [["", "value", "expected", "relative difference", "bar", ""], ...rows];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    for (const row of table) {
      const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
      console.log(cells.join("  ").trimEnd());
    }
  }
  return metrics.every(passes);
});
