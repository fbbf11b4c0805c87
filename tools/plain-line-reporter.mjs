/**
 * Prints plain lines at the end of a run: each failed test with the first line of its error, then how many tests passed,
 * failed, were skipped. A file that cannot be loaded counts as failed.
 */
export default class PlainLineReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors?.length ?? 0, skipped: 0 };
    const failures = (errors ?? []).map((error) => `(outside of a test): ${firstLine(error)}`);
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const states = tests.map((test) => test.result().state);
      if (module.state() === 'failed' && !states.includes('failed')) {
        count.failed++;
        const ofSuites = [...module.children.allSuites()].flatMap((suite) => suite.errors());
        failures.push(`${module.relativeModuleId}: ${firstLine([...module.errors(), ...ofSuites][0])}`);
      }
      for (const state of states) count[state in count ? state : 'skipped']++;
      for (const test of tests.filter((each) => each.result().state === 'failed'))
        failures.push(`${module.relativeModuleId} > ${test.fullName}: ${firstLine(test.result().errors?.[0])}`);
    }
    if (failures.length > 0) console.log(`\nfailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}

const firstLine = (error) => (error?.message ?? 'no error given').split('\n')[0].slice(0, 300);
