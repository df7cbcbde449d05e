// Pure: stream filters that may run unlisted because their words cannot name a file (tools.exec.safeBins).

export interface SafeBinProfile {
  /** Words that are no flags: how many there must and may be. */
  minPositional?: number;
  maxPositional?: number;
  /** Flags with a value, like `-f` or `--fields`. */
  valueFlags: readonly string[];
  /** Flags without a value. Any other flag is refused. */
  bareFlags: readonly string[];
  /** Flags of which one must be there. */
  required?: readonly string[];
  /** `-5` for `-n 5`. */
  allowsCount?: boolean;
}

const profile = (bare: string, valued: string, more: Partial<SafeBinProfile> = {}): SafeBinProfile => ({
  bareFlags: bare.split(' '),
  valueFlags: valued.split(' '),
  ...more,
});

const PROFILES: Readonly<Record<string, SafeBinProfile>> = {
  cut: profile(
    '-s -z -n --complement --only-delimited --zero-terminated',
    '-b -c -d -f --bytes --characters --delimiter --fields --output-delimiter',
  ),
  head: profile('-q -v -z --quiet --verbose', '-n -c --lines --bytes', { allowsCount: true }),
  tail: profile('-q -v -z --quiet --verbose', '-n -c --lines --bytes', { allowsCount: true }),
  uniq: profile('-c -d -u -i -z --count --repeated --unique --ignore-case', '-f -s -w --skip-fields --skip-chars'),
  tr: profile('-c -C -d -s -t --complement --delete --squeeze-repeats', '', { minPositional: 1, maxPositional: 2 }),
  wc: profile('-c -m -l -w -L --bytes --chars --lines --words', ''),
  grep: profile('-i -v -c -n -o -w -x -E -F -P -q -s -h', '-e -m -A -B -C --regexp --max-count', {
    required: ['-e', '--regexp'],
  }),
  sort: profile('-n -r -u -f -b -d -g -h -i -M -R -V -s -z -c --reverse --unique', '-k -t --key --field-separator'),
};

export const DEFAULT_SAFE_BINS: readonly string[] = ['cut', 'uniq', 'head', 'tail', 'tr', 'wc'];
/** Folders whose programs only the system's owner can change. */
export const SYSTEM_BIN_DIRS: readonly string[] = ['/bin', '/usr/bin'];

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function customProfile(value: unknown): SafeBinProfile | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const row = value as Record<string, unknown>;
  const denied = new Set(words(row.deniedFlags));
  const allowed = (flags: unknown) => words(flags).filter((flag) => !denied.has(flag));
  const count = (given: unknown) => (Number.isInteger(given) ? Number(given) : undefined);
  return {
    minPositional: count(row.minPositional),
    maxPositional: count(row.maxPositional),
    valueFlags: allowed(row.allowedValueFlags),
    bareFlags: allowed(row.allowedFlags),
  };
}

/**
 * The filters that the config names, with what each may be given. A name without a profile is left out: nobody said
 * which of its words are harmless.
 */
export function safeBinProfiles(
  names: readonly string[] = DEFAULT_SAFE_BINS,
  custom: Readonly<Record<string, unknown>> = {},
): Map<string, SafeBinProfile> {
  const profiles = new Map<string, SafeBinProfile>();
  for (const name of names) {
    const own = Object.hasOwn(custom, name) ? customProfile(custom[name]) : undefined;
    const known = own ?? (Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined);
    if (known) profiles.set(name, known);
  }
  return profiles;
}

function isPathLike(text: string): boolean {
  return text.includes('/') || text.startsWith('~') || text === '.' || text === '..' || text.startsWith('@');
}

interface Sorted {
  positional: string[];
  flags: Set<string>;
  values: string[];
}

/** Short flags in one word (`-sf2`): undefined when one of them is not known. */
function readCluster(
  text: string,
  { bareFlags, valueFlags }: SafeBinProfile,
  sorted: Sorted,
): 'next' | true | undefined {
  for (let at = 1; at < text.length; at += 1) {
    const flag = `-${text.charAt(at)}`;
    sorted.flags.add(flag);
    if (valueFlags.includes(flag)) {
      if (at === text.length - 1) return 'next';
      sorted.values.push(text.slice(at + 1));
      return true;
    }
    if (!bareFlags.includes(flag)) return undefined;
  }
  return true;
}

function readLong(text: string, { bareFlags, valueFlags }: SafeBinProfile, sorted: Sorted): 'next' | true | undefined {
  const [name = '', ...rest] = text.split('=');
  sorted.flags.add(name);
  if (rest.length === 0 && bareFlags.includes(name)) return true;
  if (!valueFlags.includes(name)) return undefined;
  if (rest.length === 0) return 'next';
  sorted.values.push(rest.join('='));
  return true;
}

function sortArgs(args: readonly string[], known: SafeBinProfile): Sorted | undefined {
  const sorted: Sorted = { positional: [], flags: new Set(), values: [] };
  for (let at = 0; at < args.length; at += 1) {
    const text = args[at] ?? '';
    if (text === '--') {
      sorted.positional.push(...args.slice(at + 1));
      return sorted;
    }
    if (known.allowsCount && /^-\d+$/.test(text)) continue;
    if (!text.startsWith('-') || text === '-') sorted.positional.push(text);
    else {
      const read = text.startsWith('--') ? readLong(text, known, sorted) : readCluster(text, known, sorted);
      if (read === undefined) return undefined;
      if (read === 'next') sorted.values.push(args[(at += 1)] ?? '');
    }
  }
  return sorted;
}

/** True when these words leave a filter nothing but its input to read. */
export function isSafeUse(known: SafeBinProfile, args: readonly string[]): boolean {
  const sorted = sortArgs(args, known);
  if (!sorted) return false;
  const { positional, flags, values } = sorted;
  if (positional.length < (known.minPositional ?? 0) || positional.length > (known.maxPositional ?? 0)) return false;
  if (known.required && !known.required.some((flag) => flags.has(flag))) return false;
  return [...positional, ...values].every((text) => !isPathLike(text));
}
