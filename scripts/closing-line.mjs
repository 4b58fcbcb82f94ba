/** A vitest reporter whose last line counts the tests: `11 passed, 0 failed, 2 skipped`. A file that cannot be loaded is a failure. */
export default class ClosingLine {
  onTestRunEnd(modules) {
    let [passed, failed, skipped] = [0, 0, 0];
    for (const module of modules) {
      let failures = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failures++;
        else skipped++;
      }
      failed += failures;
      if (failures === 0 && module.errors().length > 0) failed++;
    }
    process.on("exit", () => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
  }
}
