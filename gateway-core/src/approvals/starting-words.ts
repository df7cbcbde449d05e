// Pure: words that make a program which is otherwise plain start another one.

type Starts = (args: readonly string[]) => boolean;

const some =
  (pattern: RegExp): Starts =>
  (args) =>
    args.some((arg) => pattern.test(arg));

/** Options of git itself, before its command, whose value is a word of its own. */
const GIT_VALUED = new Set(['-C', '--git-dir', '--work-tree', '--namespace', '--super-prefix', '--attr-source']);
/** They set settings, of which many are programs, or where the parts of git are. */
const GIT_SETS = /^(-c|--config-env|--exec-path=)/;
/** Options of its commands that name a program; git takes them shortened, too. */
const GIT_RUNS = /^(--upl|--rece|--exe?c?(=|$)|--ext|--op|ext::)/;
const READS_SETTINGS = /^(--get.*|--list|-l|get|list)$/;

/** By the command of git: which of its words start something; true for whatever they are. */
const GIT_COMMANDS: Readonly<Record<string, Starts>> = {
  'filter-branch': () => true,
  difftool: () => true,
  mergetool: () => true,
  bisect: ([action]) => action === 'run',
  submodule: some(/^foreach$/),
  clone: some(/^(-[^-]*[uc]|--conf)/),
  config: (args) => !args.some((arg) => READS_SETTINGS.test(arg)),
  grep: some(/^-[^-]*O/),
  rebase: some(/^-[^-]*x/),
};

function gitStarts(args: readonly string[]): boolean {
  let at = 0;
  for (; args[at]?.startsWith('-'); at += GIT_VALUED.has(args[at] ?? '') ? 2 : 1) {
    if (GIT_SETS.test(args[at] ?? '')) return true;
  }
  const [command = '', ...rest] = args.slice(at);
  if (rest.some((arg) => GIT_RUNS.test(arg))) return true;
  const starts = Object.hasOwn(GIT_COMMANDS, command) ? GIT_COMMANDS[command] : undefined;
  return starts?.(rest) ?? false;
}

/** tar takes its first word for letters of options even without a dash. */
function tarStarts(args: readonly string[]): boolean {
  const isBundle = /^[A-Za-z]*[IF][A-Za-z]*$/.test(args[0] ?? '');
  return isBundle || args.some((arg) => /^(-[^-]*[IF]|--(to-c|checkpoint-a|use-c|rsh|rmt|info-s|new-v))/.test(arg));
}

const copiesOverSsh = some(/^-[^-]*[oSFJ]/);

const STARTERS: Readonly<Record<string, Starts>> = {
  find: some(/^-(exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/),
  git: gitStarts,
  tar: tarStarts,
  bsdtar: tarStarts,
  gtar: tarStarts,
  rsync: some(/^(-[^-]*e|--rsh|--rsync-path)/),
  scp: copiesOverSsh,
  sftp: copiesOverSsh,
  sort: some(/^--com/),
  split: some(/^--fi/),
  zip: some(/^(-[^-]*TT|--unzip-command)/),
  man: some(/^(-[^-]*[PH]|--pager|--html)/),
};

/** True when these words make the program start another one. */
export function startsAnother(name: string, args: readonly string[]): boolean {
  return Object.hasOwn(STARTERS, name) && STARTERS[name]?.(args) === true;
}
