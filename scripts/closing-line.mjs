// A reporter for vitest that ends a run with one line for machines: "N passed, N failed", and ", N skipped" if any.

export default class ClosingLine {
  onTestRunEnd(modules, unhandledErrors, reason) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // A file that cannot even be loaded has no tests to count.
      if (module.errors().length > 0) count.failed++;
    }
    count.failed += count.pending; // never came to an end
    if (reason !== "passed") count.failed ||= 1; // the set-up failed, or there are no tests
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
  }
}
