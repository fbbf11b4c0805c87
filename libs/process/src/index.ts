/**
 * What every `main.ts` does, so that all processes start, report and stop in the same way:
 *
 *   read the environment ──► log ──► traces ──► start ──► /livez /readyz /metrics ──► SIGTERM: not ready, drain, stop with a deadline
 *       │ ConfigError: exit 2, naming the variable                              exit 0
 */
export { JsonFile, MalformedFileError } from './json-file.js';
export { LimitedLog } from './limited-log.js';
export { createLog, Log, nestLog } from './log.js';
export { logLevel } from './log-level.js';
export { counterOf, gaugeOf, histogramOf, measure } from './metrics.js';
export { type NodeRuntime, nodeRuntime } from './node-runtime.js';
export { answerOperations, type Readiness } from './operations-server.js';
export { busCredentials, busReplicas, readerSigner } from './bus-credentials.js';
export { configuration, fileContent, list, milliseconds } from './configuration.js';
export { prepareFolder } from './prepare-folder.js';
export { ConfigError, hostPort, operationsAddress, readEnvironment, readSecretFile, splitHostPort } from './read-environment.js';
export { runTask } from './run-task.js';
export { type Announcement, runService, type RunningService, STOP_WITHIN_MS } from './run-service.js';
export { startTraces } from './traces/start-traces.js';
export { readTraceSettings, type TraceSettings } from './traces/trace-settings.js';
export { until } from './until.js';
export { errorMessage } from './error-message.js';
export { fileError } from './file-error.js';
