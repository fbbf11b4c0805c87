import { Argument, type Command } from 'commander';
import { completionScript, type Shell, SHELLS } from './completion-script.js';

/** Adds `sluice completion`. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash: put  source <(sluice completion bash)  into ~/.bashrc
zsh:  put  source <(sluice completion zsh)  into ~/.zshrc, after compinit
fish: sluice completion fish > ~/.config/fish/completions/sluice.fish

Example:
  $ source <(sluice completion bash)`,
    )
    .action((shell: Shell) => void process.stdout.write(completionScript(program, shell)));
}
