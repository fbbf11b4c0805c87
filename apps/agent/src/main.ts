import '@sluice/process/tune';
import { CommanderError } from 'commander';
import { makeProgram } from './cli/program.js';
import { allowReaderToLeave, fail } from './terminal/failure.js';
import { AgentConfig } from './config.js';
import { VERSION } from './program.js';

// Unexpected errors end here, and are shown to the user as a sentence instead of a stack trace.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    fail(error, 'table');
    process.exit();
  });
allowReaderToLeave(process.stdout);
allowReaderToLeave(process.stderr);

try {
  await makeProgram(new AgentConfig(process.env), VERSION).parseAsync();
} catch (error) {
  // commander has already printed what is wrong; `--help` ends here too, with exit code 0
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else fail(error, 'table');
}
