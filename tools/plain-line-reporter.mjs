/** Prints one plain line at the end of a run: how many tests passed, failed, were skipped. A file that cannot be loaded counts as failed. */
export default class PlainLineReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors?.length ?? 0, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const states = tests.map((test) => test.result().state);
      if (module.state() === 'failed' && !states.includes('failed')) count.failed++;
      for (const state of states) count[state in count ? state : 'skipped']++;
    }
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
