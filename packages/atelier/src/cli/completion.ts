/**
 * Completion scripts for shells, made from the table of commands. A script is complete in itself: it lists the names of runs, models
 * and sweeps by looking into the folders of Atelier's home, so that nothing has to be started at every press of the Tab key.
 *
 * All three find out in the same way where they are: the words before the cursor, without options and their values, are the command and
 * its arguments.
 */
import type { CompletedCommand, CompletionTable, Shell, Source } from "./completion-table.js";

export function completionScript(shell: Shell, table: CompletionTable): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](table);
}

/** A text in single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Every flag of any command that takes a value: the word after it is no argument. */
const flagsWithValues = ({ commands }: CompletionTable): string[] => [
  ...new Set(
    commands.flatMap(({ options }) => options.flatMap(({ flags, values }) => (values === undefined ? [] : flags))),
  ),
];

/** The flags of a command. */
const allFlags = ({ options }: CompletedCommand): string[] => options.flatMap(({ flags }) => flags);

/** The functions that a source calls, in bash and in zsh alike. */
function calls(sources: readonly Source[]): string {
  return sources
    .map((source) => {
      if (source.kind === "files") return "_atelier_files";
      if (source.kind === "names") return `_atelier_names ${source.folder} ${source.marker}`;
      return `${source.open === true ? "_atelier_open" : "_atelier_words"} ${source.words.map(quoted).join(" ")}`;
    })
    .join("; ");
}

/** `case` branches for what stands at the cursor: an option's value, a sub-command, or an argument. */
function branches(table: CompletionTable): {
  readonly values: string[];
  readonly words: string[];
  readonly flags: string[];
} {
  const values = table.commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, values: sources }) =>
      sources === undefined
        ? []
        : [`    ${flags.map((flag) => quoted(`${path}|${flag}`)).join("|")}) ${calls(sources) || ":"}; return ;;`],
    ),
  );
  const groups = [...table.groups].map(
    ([group, inner]) => `    ${quoted(`${group}|0`)}) _atelier_words ${inner.map(({ name }) => name).join(" ")} ;;`,
  );
  const positionals = table.commands.flatMap(({ path, positionals: places, rest }) => [
    ...places.map((sources, i) => `    ${quoted(`${path}|${i}`)}) ${calls(sources)} ;;`),
    ...(rest.length === 0 ? [] : [`    ${quoted(`${path}|`)}*) ${calls(rest)} ;;`]),
  ]);
  const entries = `    '|0') _atelier_words ${table.entries.map(({ name }) => name).join(" ")} ;;`;
  const flags = table.commands.map(
    (command) => `    ${quoted(command.path)}) _atelier_words ${allFlags(command).join(" ")} ;;`,
  );
  return {
    values,
    words: [entries, ...groups, ...positionals],
    flags: [...flags, "    *) _atelier_words --help --json --version ;;"],
  };
}

/** Finds the command's name and how many arguments follow it, in `$words` up to the cursor; bash and zsh alike. */
const walk = (table: CompletionTable): string => `  local command="" count=0 skip="" word
  for word in "$@"; do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      ${flagsWithValues(table).join("|")}) skip=yes ;;
      -*) ;;
      *)
        case "$command" in
          '') command="$word" ;;
          ${[...table.groups.keys()].map(quoted).join("|")}) command="$command $word" ;;
          *) count=$((count + 1)) ;;
        esac ;;
    esac
  done`;

/** The function that bash and zsh share: it finds where on the line one is, and offers what may stand there. */
function finder(table: CompletionTable): string {
  const { values, words, flags } = branches(table);
  return `_atelier_find() {
${walk(table)}
  case "$command|$previous" in
${values.join("\n")}
  esac
  case "$current" in
    -*)
      case "$command" in
${flags.map((line) => `    ${line}`).join("\n")}
      esac
      return ;;
  esac
  case "$command|$count" in
${words.join("\n")}
  esac
}`;
}

function bashScript(table: CompletionTable): string {
  return `# Completion of atelier for bash.

_atelier_words() {
  local word
  for word in "$@"; do
    case "$word" in "$current"*) COMPREPLY+=("$word ") ;; esac
  done
}

_atelier_open() {
  local word
  for word in "$@"; do
    case "$word" in "$current"*) COMPREPLY+=("$word") ;; esac
  done
}

_atelier_names() {
  case "$current" in */*) _atelier_files; return ;; esac
  local path
  for path in "\${ATELIER_HOME:-.atelier}/$1"/*/"$2"; do
    [ -e "$path" ] || continue
    path="\${path%/*}"
    _atelier_words "\${path##*/}"
  done
}

_atelier_files() {
  local path
  while IFS= read -r path; do
    if [ -d "$path" ]; then COMPREPLY+=("$(printf %q "$path")/"); else COMPREPLY+=("$(printf %q "$path") "); fi
  done < <(compgen -f -- "$current")
}

${finder(table)}

_atelier() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" given=() i
  # Bash makes words of their own of the equals signs in --name=value and --set key=value: they are put together again.
  local joined=("\${COMP_WORDS[1]}")
  for ((i = 2; i <= COMP_CWORD; i++)); do
    if [ "\${COMP_WORDS[i]}" = "=" ] || [ "\${COMP_WORDS[i - 1]}" = "=" ]; then
      joined[\${#joined[@]} - 1]+="\${COMP_WORDS[i]}"
    else
      joined+=("\${COMP_WORDS[i]}")
    fi
  done
  local last=$((\${#joined[@]} - 1)) whole
  whole="\${joined[last]}"
  given=("\${joined[@]:0:last}")
  if [ "$last" -gt 0 ]; then previous="\${joined[last - 1]}"; fi
  COMPREPLY=()
  case "$whole" in
    --*=*) previous="\${whole%%=*}"; current="\${whole#*=}" ;;
    *) current="$whole" ;;
  esac
  _atelier_find "\${given[@]}"
  # Bash replaces only what follows the last equals sign.
  local prefix=""
  case "$whole" in --*=*) ;; *=*) prefix="\${whole%=*}=" ;; esac
  if [ -n "$prefix" ]; then for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]="\${COMPREPLY[i]#"$prefix"}"; done; fi
}

complete -o nospace -F _atelier atelier
`;
}

function zshScript(table: CompletionTable): string {
  return `#compdef atelier
# Completion of atelier for zsh.

_atelier_words() { compadd -- "$@" }

_atelier_open() { compadd -S '' -- "$@" }

_atelier_names() {
  if [[ "$current" == */* ]]; then _files; return; fi
  local found
  for found in "\${ATELIER_HOME:-.atelier}/$1"/*/"$2"(N); do compadd -- "\${found:h:t}"; done
}

_atelier_files() { _files }

${finder(table)}

_atelier() {
  local current="\${words[CURRENT]}" previous="\${words[CURRENT-1]}"
  if [[ "$current" == --*=* ]]; then
    previous="\${current%%=*}"
    current="\${current#*=}"
    compset -P '*='
  fi
  _atelier_find "\${(@)words[2,CURRENT-1]}"
}

if [ "\${funcstack[1]}" = _atelier ]; then _atelier; else compdef _atelier atelier; fi
`;
}

function fishScript(table: CompletionTable): string {
  const at = (path: string): string => `-n ${quoted(`__atelier_at ${quoted(path)}`)}`;
  const values = (sources: readonly Source[]): string => {
    const texts = sources.flatMap((source) => {
      if (source.kind === "words") return source.words;
      return source.kind === "names" ? [`(__atelier_names ${source.folder} ${source.marker})`] : [];
    });
    return texts.length === 0 ? "" : ` -a ${quoted(texts.join(" "))}`;
  };
  const files = (sources: readonly Source[]): string => (sources.some(({ kind }) => kind === "files") ? " -F" : " -f");
  const option = ({ path, options }: CompletedCommand): string[] =>
    options.map(({ flags, summary, values: sources }) => {
      const names = flags
        .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        .join(" ");
      const value = sources === undefined ? "" : ` -r${files(sources)}${values(sources)}`;
      return `complete -c atelier ${at(path)} ${names}${value} -d ${quoted(summary)}`;
    });
  const argument = ({ path, positionals, rest }: CompletedCommand): string[] => {
    const places = [
      ...positionals.map((sources, i) => ({ sources, condition: `__atelier_at ${quoted(path)} ${i}` })),
      ...(rest.length === 0 ? [] : [{ sources: rest, condition: `__atelier_at ${quoted(path)}` }]),
    ];
    return places.map(
      ({ sources, condition }) => `complete -c atelier -n ${quoted(condition)}${files(sources)}${values(sources)}`,
    );
  };
  const names = (path: string, commands: readonly { readonly name: string; readonly summary: string }[]): string[] =>
    commands.map(
      ({ name, summary }) =>
        `complete -c atelier -n ${quoted(`__atelier_at ${quoted(path)} 0`)} -f -a ${name} -d ${quoted(summary)}`,
    );
  return `# Completion of atelier for fish.

function __atelier_names
    set -q ATELIER_HOME; and set -l home $ATELIER_HOME; or set -l home .atelier
    for found in $home/$argv[1]/*/$argv[2]
        path basename (path dirname $found)
    end
end

# Whether the command before the cursor is $argv[1], with $argv[2] arguments where that is given.
function __atelier_at
    set -l command ""
    set -l count 0
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${flagsWithValues(table).join(" ")}
                set skip yes
            case '-*'
            case '*'
                switch "$command"
                    case ''
                        set command $word
                    case ${[...table.groups.keys()].join(" ")}
                        set command "$command $word"
                    case '*'
                        set count (math $count + 1)
                end
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test $count = $argv[2]
end

complete -c atelier -f
${[
  ...names("", table.entries),
  ...[...table.groups].flatMap(([group, inner]) => names(group, inner)),
  ...table.commands.flatMap((command) => [...option(command), ...argument(command)]),
].join("\n")}
`;
}
