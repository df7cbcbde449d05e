// Pure: the shell lines by which programs start and end inside a sandbox. POSIX sh only.

/** Every program of ours inside carries this variable, so that it and its children can be found again. */
export const MARK = 'OPENCLAW_EXEC';
const CARRIER = 'OPENCLAW_ENV_';
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Shells refuse to set these. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'SHELLOPTS', 'BASHOPTS', MARK]);

export interface CarriedEnv {
  /** Variables of the host program; their names mean nothing on the host. */
  host: Record<string, string>;
  /** Lines that give them their real names inside. */
  unpack: string;
}

/**
 * Values travel in the environment under neutral names: an argument would show them in every process list, and the
 * real names (LD_PRELOAD, DOCKER_HOST) would steer the host program that carries them.
 */
export function carryEnv(env: Readonly<Record<string, string>>): CarriedEnv {
  const entries = Object.entries(env).filter(([name]) => VARIABLE.test(name) && !READ_ONLY.has(name));
  const carriers = entries.map(([name, value], index) => ({ name, value, carrier: `${CARRIER}${index}` }));
  if (carriers.length === 0) return { host: {}, unpack: '' };
  const exported = carriers.map(({ name, carrier }) => `${name}="$${carrier}"`).join(' ');
  const unset = carriers.map(({ carrier }) => carrier).join(' ');
  return {
    host: Object.fromEntries(carriers.map(({ carrier, value }) => [carrier, value])),
    unpack: `export ${exported}; unset ${unset}; `,
  };
}

/** Script for `sh -c`: $1 is the folder, the rest the program. 126 when the folder cannot be entered. */
export function startScript(unpack: string): string {
  return `cd -- "$1" || exit 126; shift; ${unpack}exec "$@"`;
}

/** Arguments after the shell's name that start `argv` in `cwd`. */
export function startArgs(unpack: string, cwd: string, argv: readonly string[]): string[] {
  return ['-c', startScript(unpack), 'sh', cwd, ...argv];
}

/**
 * Ends what carries the mark $2 with signal $1, its process groups and its sessions. With KILL it looks again until
 * nothing is left, because a program may fork while it is looked for.
 */
export const KILL_SCRIPT = `
sig=$1 mark=$2 round=0
while [ "$round" -lt 20 ]; do
  round=$((round + 1)) found= sessions=' '
  for file in $(grep -ls "${MARK}=$mark" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}; pid=\${pid%/environ}
    read -r line 2>/dev/null < "/proc/$pid/stat" || continue
    set -- \${line##*) }
    if [ "$pid" = 1 ] || [ "$1" = Z ]; then continue; fi
    found=1
    if [ "$4" -gt 1 ]; then sessions="$sessions$4 "; fi
    if [ "$3" -gt 1 ]; then kill "-$sig" "-$3" 2>/dev/null; fi
    kill "-$sig" "$pid" 2>/dev/null
  done
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$file" || continue
    pid=\${line%% *}
    set -- \${line##*) }
    case $sessions in *" $4 "*) if [ "$1" != Z ]; then kill "-$sig" "$pid" 2>/dev/null; fi ;; esac
  done
  if [ -z "$found" ] || [ "$sig" != KILL ]; then exit 0; fi
done
exit 1
`;

/** Ends with 0 when a program of ours is at work. */
export const BUSY_SCRIPT = `[ -n "$(grep -ls '${MARK}=' /proc/[0-9]*/environ 2>/dev/null)" ]`;

/** `text` as one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
