// Pure: may a command run, must a person be asked, or is it refused – and why.
import path from 'node:path';
import type { ApprovalReasonCode, ExecAsk, ExecSecurity } from '../protocol/index.js';
import type { AllowEntry } from './exec-policy.js';
import { fitsPattern } from './path-pattern.js';
import { isSafeUse, type SafeBinProfile } from './safe-bins.js';
import { type ProgramUse, studyCommand } from './study-command.js';
import { isPlainVariable, programName } from './wrapper-programs.js';

/** Where a name leads: its path, and the same with the folder's links followed. */
export interface Executable {
  path: string;
  realFolder: string;
}

export interface ExecFacts {
  command: string;
  security: ExecSecurity;
  ask: ExecAsk;
  /** Asking for everything is a wish of this one call, not a rule. */
  isOwnWish?: boolean;
  strictInlineEval: boolean;
  allowlist: readonly AllowEntry[];
  safeBins: ReadonlyMap<string, SafeBinProfile>;
  /** Folders whose programs count as what their names say. */
  trustedDirs: readonly string[];
  /** Programs of skills, by name; empty unless they run unasked. */
  skillBins: ReadonlySet<string>;
  /** Variables that the caller adds. */
  envNames: readonly string[];
  /** By the name as written; a name that leads nowhere is missing. */
  executables: ReadonlyMap<string, Executable>;
  home: string;
  platform: NodeJS.Platform;
}

export type ExecVerdict = 'allow' | 'ask' | 'deny';

/** Why a command does not simply run. */
export interface ExecCause {
  code: ApprovalReasonCode;
  /** Programs, variables, or what is unusual: words of the command, so not to be trusted. */
  about: readonly string[];
}

export interface ExecDecision {
  verdict: ExecVerdict;
  /** For people and for the model. */
  reason: string;
  /** Only with `ask`. */
  cause?: ExecCause;
  /** Every program of it is listed. */
  isListed: boolean;
  /** Entries of the allowlist that counted, with the program each one let through. */
  used: ReadonlyArray<{ entry: AllowEntry; path: string }>;
  /** Paths to list when a person allows it for good; empty when it must be asked for each time. */
  listable: readonly string[];
}

interface Match {
  isListed: boolean;
  why: string;
  cause?: ExecCause;
  used: Array<{ entry: AllowEntry; path: string }>;
  listable: string[];
}

function pathsOf({ path: file, realFolder }: Executable): string[] {
  return [...new Set([file, path.posix.join(realFolder, path.posix.basename(file))])];
}

function isTrusted(executable: Executable, trustedDirs: readonly string[]): boolean {
  return trustedDirs.includes(path.posix.dirname(executable.path));
}

type Listing = { by: 'entry'; entry: AllowEntry } | { by: 'rule' } | { by: 'nothing' };

function listingOf(use: ProgramUse, executable: Executable, facts: ExecFacts): Listing {
  const { allowlist, home, platform, trustedDirs, safeBins, skillBins } = facts;
  const rules = { home, isCaseSensitive: platform !== 'darwin' && platform !== 'win32' };
  const entry = allowlist.find(({ pattern }) =>
    pathsOf(executable).some((candidate) => fitsPattern(candidate, pattern, rules)),
  );
  if (entry) return { by: 'entry', entry };
  const hasTrustedName = isTrusted(executable, trustedDirs);
  if (use.isWrapper && hasTrustedName) return { by: 'rule' };
  const profile = use.hasPattern ? undefined : safeBins.get(programName(use.name));
  if (profile && hasTrustedName && isSafeUse(profile, use.args)) return { by: 'rule' };
  return !use.name.includes('/') && skillBins.has(use.name) ? { by: 'rule' } : { by: 'nothing' };
}

function miss(match: Match, { code, about: [name = ''] }: ExecCause, why: string): void {
  match.why ||= why;
  match.isListed = false;
  match.cause ??= { code, about: [] };
  // One sentence is said, so it names only what it is true of.
  if (match.cause.code === code) match.cause = { code, about: [...match.cause.about, name] };
}

function matchUse(use: ProgramUse, facts: ExecFacts, match: Match): void {
  const executable = facts.executables.get(use.name);
  const isMoved = use.isAfterCd && use.name.includes('/') && !use.name.startsWith('/');
  if (!executable || isMoved) {
    miss(match, { code: 'not-found', about: [use.name] }, `no program is found for "${use.name}"`);
    match.listable = [];
    return;
  }
  const listing = listingOf(use, executable, facts);
  if (listing.by === 'entry') match.used.push({ entry: listing.entry, path: executable.path });
  if (listing.by !== 'nothing') return;
  miss(match, { code: 'not-listed', about: [executable.path] }, `${executable.path} is not on the allowlist`);
  // Listing a program that starts others would list all of them.
  if (!use.isWrapper) match.listable.push(executable.path);
}

/** Names in a command that must be looked up before it can be decided. */
export function programNames(command: string): string[] {
  const study = studyCommand(command);
  return study.isPlain ? [...new Set(study.programs.map(({ name }) => name))] : [];
}

function unlisted(cause: ExecCause, why: string): Match {
  return { isListed: false, why, cause, used: [], listable: [] };
}

function matchPrograms(programs: readonly ProgramUse[], facts: ExecFacts): Match {
  const match: Match = { isListed: true, why: '', used: [], listable: [] };
  const canList = programs.every((use) => {
    const executable = facts.executables.get(use.name);
    return executable && (!use.isWrapper || isTrusted(executable, facts.trustedDirs));
  });
  for (const use of programs) matchUse(use, facts, match);
  if (!canList) match.listable = [];
  return { ...match, listable: [...new Set(match.listable)] };
}

function matchCommand(facts: ExecFacts): { match: Match; hasInlineCode: boolean } {
  const { command, envNames, platform } = facts;
  const study = studyCommand(command);
  const { hasInlineCode } = study;
  const unreadable = (why: string, text: string) => unlisted({ code: 'unreadable', about: [why] }, text);
  if (platform === 'win32') {
    const why = 'commands of this shell cannot be checked';
    return { match: unreadable(why, why), hasInlineCode };
  }
  if (!study.isPlain) {
    return { match: unreadable(study.why, `the command cannot be checked: ${study.why}`), hasInlineCode };
  }
  const variable = envNames.find((name) => !isPlainVariable(name));
  if (variable === undefined) return { match: matchPrograms(study.programs, facts), hasInlineCode };
  const cause: ExecCause = { code: 'variable', about: [variable] };
  return { match: unlisted(cause, `the variable ${variable} may change what runs`), hasInlineCode };
}

type Verdict = Pick<ExecDecision, 'verdict' | 'reason' | 'cause'>;

function asked(code: ApprovalReasonCode, reason: string): Verdict {
  return { verdict: 'ask', reason, cause: { code, about: [] } };
}

function verdictOf({ security, ask, isOwnWish }: ExecFacts, match: Match, isStrict: boolean): Verdict {
  if (security === 'deny') return { verdict: 'deny', reason: 'Commands are switched off (security: deny).' };
  const always = isOwnWish ? 'own-wish' : 'every-command';
  if (ask === 'always') return asked(always, 'Every command is asked for (ask: always).');
  if (isStrict) return asked('inline-code', 'Code for an interpreter on the command line is always asked for.');
  if (security === 'full') return { verdict: 'allow', reason: 'Every command may run (security: full).' };
  if (match.isListed) return { verdict: 'allow', reason: 'Every program of it is on the allowlist.' };
  if (ask === 'on-miss') return { verdict: 'ask', reason: `Not listed: ${match.why}.`, cause: match.cause };
  return { verdict: 'deny', reason: `Only listed commands may run, and nobody is asked: ${match.why}.` };
}

/** Decides on one command. Nothing that the command says about itself counts; only its words and the rules do. */
export function decideExec(facts: ExecFacts): ExecDecision {
  const { match, hasInlineCode } = matchCommand(facts);
  const isStrict = facts.strictInlineEval && hasInlineCode;
  return {
    ...verdictOf(facts, match, isStrict),
    isListed: match.isListed && !isStrict,
    used: match.used,
    // Whoever lists an interpreter for one line of code would list it for every other.
    listable: hasInlineCode ? [] : match.listable,
  };
}

/** What counts when a question ends without an answer (askFallback). */
export function decideUnanswered(fallback: ExecSecurity, { isListed }: Pick<ExecDecision, 'isListed'>): boolean {
  return fallback === 'full' || (fallback === 'allowlist' && isListed);
}
