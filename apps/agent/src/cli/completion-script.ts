import type { Command } from 'commander';

/** Shells that can complete commands. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** A shell that can complete commands. */
export type Shell = (typeof SHELLS)[number];

/** What may follow a command; `path` is the command with its parents, separated by spaces. */
interface Place {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly summary: string }[];
}

/** All commands of a tree, each with the subcommands and options that may follow it. */
function placesOf(command: Command, path: readonly string[] = []): Place[] {
  const commands = command.commands.map((each) => ({ word: each.name(), summary: each.description() }));
  const choices = command.registeredArguments.flatMap((argument) =>
    (argument.argChoices ?? []).map((word) => ({ word, summary: argument.description })),
  );
  const options = command.options.flatMap(({ long, description, hidden }) =>
    long && !hidden ? [{ word: long, summary: description }] : [],
  );
  const words = [...commands, ...choices, ...options, { word: '--help', summary: 'how it is used' }];
  return [{ path: path.join(' '), words }, ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()]))];
}

/** A script that makes a shell complete the commands and options of a program, but not names of servers. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The branches of a `case` statement that selects what may follow each path. */
const cases = (places: readonly Place[], show: (place: Place) => string): string =>
  places.map((place) => `    ${quote(place.path)}) ${show(place)} ;;`).join('\n');

/** Shell code that finds the command to which the words typed so far lead, skipping options and other words. */
const walk = (places: readonly Place[], words: string) => `  local place='' word
  for word in ${words}; do
    case "\${place:+$place }$word" in
      ${places
        .filter(({ path }) => path !== '')
        .map(({ path }) => quote(path))
        .join(' | ')}) place="\${place:+$place }$word" ;;
    esac
  done`;

const bash = (places: readonly Place[]): string => `# completion of sluice for bash
_sluice() {
${walk(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  local words=''
  case "$place" in
${cases(places, ({ words }) => `words=${quote(words.map(({ word }) => word).join(' '))}`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sluice sluice
`;

const zsh = (places: readonly Place[]): string => `#compdef sluice
# completion of sluice for zsh
_sluice() {
${walk(places, '"${(@)words[2,CURRENT-1]}"')}
  local -a follow
  case "$place" in
${cases(places, ({ words }) => `follow=(${words.map(({ word, summary }) => quote(`${word}:${summary.replaceAll(':', '\\:')}`)).join(' ')})`)}
  esac
  _describe 'sluice' follow
}
compdef _sluice sluice
`;

const fish = (places: readonly Place[]): string => `# completion of sluice for fish
function __sluice_path
  set -l path
  for word in (commandline -opc)[2..-1]
    switch (string join ' ' $path $word)
      case ${places
        .filter(({ path }) => path !== '')
        .map(({ path }) => quote(path))
        .join(' ')}
        set -a path $word
    end
  end
  echo sluice $path
end
complete -c sluice -f
${places
  .flatMap(({ path, words }) =>
    words.map(({ word, summary }) => {
      const follows = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c sluice -n ${quote(`test (__sluice_path) = "sluice${path === '' ? '' : ` ${path}`}"`)} ${follows} -d ${quote(summary)}`;
    }),
  )
  .join('\n')}
`;
