// What may run: a table of commands, rules and verdicts, with the tricks that must not pass.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decideExec, decideUnanswered, type Executable, type ExecFacts, programNames } from './decide-exec.js';
import { safeBinProfiles, SYSTEM_BIN_DIRS } from './safe-bins.js';

const SYSTEM =
  'ls cat rm sh bash env nice nohup timeout git rg grep head wc cut tr sort uniq tail python3 node perl find';
const MORE =
  'openclaw setpriv unbuffer npx command tar rsync xargs sudo busybox echo printf pwd curl awk sed zsh setsid stdbuf ssh tee npm test';
const EXECUTABLES = new Map<string, Executable>([
  ...`${SYSTEM} ${MORE}`.split(' ').map((name) => [name, at(`/usr/bin/${name}`)] as const),
  ['/usr/bin/rg', at('/usr/bin/rg')],
  ['/bin/ls', { path: '/bin/ls', realFolder: '/usr/bin' }],
  ['/bin/sh', at('/bin/sh')],
  ['./rg', at('/project/rg')],
  ['./sh', at('/project/sh')],
  ['./build.sh', at('/project/build.sh')],
  ['/project/head', at('/project/head')],
  ['/project/nice', at('/project/nice')],
  ['tool', at('/home/ada/bin/tool')],
  ['deep', at('/home/ada/Projects/a/b/bin/deep')],
  ['skilly', at('/opt/skills/skilly')],
  ['/home/ada/bin\\tool', at('/home/ada/bin\\tool')],
  ['linked', { path: '/opt/link/linked', realFolder: '/usr/local/bin' }],
]);
const LISTED = ['/usr/bin/rg', '/usr/bin/ls', '/usr/bin/git', '~/bin/*', '~/Projects/**/bin/*', '/usr/local/bin/*'];

function at(file: string): Executable {
  return { path: file, realFolder: path.posix.dirname(file) };
}

function facts(command: string, changes: Partial<ExecFacts> = {}): ExecFacts {
  return {
    command,
    security: 'allowlist',
    ask: 'off',
    strictInlineEval: false,
    allowlist: LISTED.map((pattern) => ({ owner: 'main', pattern })),
    safeBins: safeBinProfiles(),
    trustedDirs: SYSTEM_BIN_DIRS,
    skillBins: new Set(),
    envNames: [],
    executables: EXECUTABLES,
    home: '/home/ada',
    platform: 'linux',
    ...changes,
  };
}

const listing = (...patterns: string[]) => ({ allowlist: patterns.map((pattern) => ({ owner: 'main', pattern })) });

describe('security × ask', () => {
  const rows: Array<[ExecFacts['security'], ExecFacts['ask'], string, string]> = [
    ['deny', 'off', 'ls', 'deny'],
    ['deny', 'on-miss', 'ls', 'deny'],
    ['deny', 'always', 'ls', 'deny'],
    ['allowlist', 'off', 'ls', 'allow'],
    ['allowlist', 'off', 'rm x', 'deny'],
    ['allowlist', 'on-miss', 'ls', 'allow'],
    ['allowlist', 'on-miss', 'rm x', 'ask'],
    ['allowlist', 'always', 'ls', 'ask'],
    ['allowlist', 'always', 'rm x', 'ask'],
    ['full', 'off', 'rm x', 'allow'],
    ['full', 'off', 'rm $(x', 'allow'],
    ['full', 'on-miss', 'rm x', 'allow'],
    ['full', 'always', 'ls', 'ask'],
  ];
  it.each(rows)('%s, %s: %s → %s', (security, ask, command, verdict) => {
    expect(decideExec(facts(command, { security, ask })).verdict).toBe(verdict);
  });
});

describe('commands that are listed', () => {
  it.each([
    'ls',
    'ls -la /etc',
    '  ls  ',
    'ls;',
    'ls\n',
    'ls\nrg x',
    'ls && git status',
    'ls || rg x ; git log',
    'git log | rg fix | head -n 5',
    'ls &&\n git status',
    'ls \\\n -la',
    '"ls" -l',
    "l's' -l",
    '\\ls',
    "rg 'a;b$(rm x)`y`|&<>'",
    'rg "a;b|c&d<e>f(g)" .',
    'rg \\$HOME .',
    'rg "\\$HOME \\`x\\`" .',
    'ls *.ts src/[ab]?.js ~/x {a,b}',
    'ls 2>&1',
    'ls 2>/dev/null | head',
    'ls >/dev/null 2>&1 && git status',
    'ls < /dev/null',
    '/bin/ls',
    'tool --flag',
    'deep',
    'linked',
    'cd src && ls',
    'true && ls || false',
    ': ; ls',
    'LC_ALL=C ls',
    'NO_COLOR=1 LANG="C" git status',
    'env ls',
    'env LANG=C ls -l',
    'nice -n 5 ls',
    'timeout 5s git fetch',
    'timeout -k 1 5 nohup ls',
    'sh -c "ls && git status"',
    "bash -ec 'ls | wc -l'",
    'git log -C --oneline',
    'git switch -c new',
    'git cherry-pick -x HEAD',
    'git -C src config --get user.name',
    'git add --update',
    "sh -c 'sh -c ls'",
    'git log | cut -d , -f1 | uniq -c',
    'ls | tr a-z A-Z | tail -3',
  ])('%j runs', (command) => {
    expect(decideExec(facts(command))).toMatchObject({ verdict: 'allow', isListed: true });
  });
});

describe('commands that smuggle something in', () => {
  it.each([
    'ls; rm -rf /',
    'ls;rm x',
    'ls && rm x',
    'ls || rm x',
    'ls | rm x',
    'ls\nrm x',
    'ls \n\n rm x',
    'ls & rm x',
    'ls &',
    'ls $(rm x)',
    'ls "$(rm x)"',
    'ls `rm x`',
    'ls "`rm x`"',
    'ls ${IFS}x',
    '$SHELL -c ls',
    'l$@s',
    'ls <(rm x)',
    'ls >(rm x)',
    '(rm x)',
    '{ rm x; }',
    'ls > /etc/passwd',
    'ls >> ~/.bashrc',
    'ls < /etc/shadow',
    'ls 2>&1 >x',
    'ls >/dev/nullx',
    'ls >/dev/null/../../etc/x',
    'ls &>/dev/null',
    'ls <<EOF\nx\nEOF',
    'ls <<< x',
    "ls 'unclosed",
    'ls "unclosed',
    'ls \\',
    'ls &&',
    'ls |',
    '; ls',
    'ls ;; rm x',
    'ls |& rm x',
    'ls # rm x',
    'ls\r\nrm x',
    'ls\u0000rm x',
    'ls\u202erm x',
    'ls\u00a0-l',
    'ls\u200b -l',
    '\u001b[31mls',
    'PATH=/tmp ls',
    'LD_PRELOAD=/tmp/x.so ls',
    'PATH=/tmp; ls',
    'IFS=x',
    "'A'=b ls",
    'GIT_SSH_COMMAND=rm git fetch',
    'eval ls',
    'exec rm x',
    'source ./x',
    '. ./x',
    'command rm x',
    'alias ls=rm; ls',
    'export PATH=/tmp; ls',
    'trap "rm x" EXIT',
    'if true; then rm x; fi',
    'for f in *; do rm $f; done',
    'function ls { rm x; }',
    '! ls',
    'time rm x',
    'sh -c "ls; rm x"',
    "sh -c 'ls $(rm x)'",
    "bash -c $'ls\\nrm x'",
    "A''=b ls",
    'sh -c -e "rm x"',
    "bash -c -- 'rm x'",
    'sh ./build.sh',
    'sh',
    'ls | sh',
    './sh -c ls',
    "bash -O extglob -c 'ls'",
    'sh -c \'sh -c "rm x"\'',
    "zsh -c 'ls'",
    'env rm x',
    'env -S "rm x"',
    'env -i ls',
    'env PATH=/tmp ls',
    'env',
    'nice rm x',
    'nohup rm x',
    'timeout 5 rm x',
    'timeout --unknown 5 ls',
    '/project/nice ls',
    'xargs ls',
    'ls | xargs rm',
    'sudo ls',
    'ssh host ls',
    'setsid ls',
    'busybox ls',
    'busybox sh -c ls',
    'find . -exec rm {} +',
    'find . -delete',
    './rg x',
    '/project/head',
    'cd /tmp && ./rg x',
    'cd - && ls',
    'cd "$HOME" && ls',
    'cd',
    'rg*',
    '{ls,-l}',
    '~/bin/tool',
    '""',
    '',
    '   ',
    'missing',
    'head /etc/passwd',
    'head -n5 notes',
    'wc --files0-from=x',
    'tail -f',
    'cut -f1 ../x',
    'head *',
    'tr a b c',
    'sort',
    'grep -e x',
    'uniq in out',
    'ls | head ~/.ssh/id',
    'ls '.padEnd(20_100, 'x'),
    // A login shell reads files first that an agent may have written.
    "bash -lc 'ls'",
    "sh -elc 'ls'",
    // Listed, but these words make it start something else.
    "git -c core.pager='sh -c x' log",
    'git -ccore.sshCommand=x fetch',
    "git -C . -c alias.x='!rm y' x",
    'git --config-env=core.pager=X log',
    'git --exec-path=/tmp log',
    "git fetch --upload-pack='rm x' .",
    "git clone -u 'rm x' .",
    "git push --receive-pack 'rm x'",
    "git rebase -x 'rm x' HEAD~1",
    "git rebase --exec='rm x' HEAD~1",
    "git submodule foreach 'rm x'",
    'git bisect run rm x',
    "git filter-branch --tree-filter 'rm x'",
    "git difftool -x 'rm x'",
    "git grep -O'rm x' y",
    "git grep --open-files-in-pager='rm x' y",
    "git clone 'ext::sh -c x'",
    "git config core.pager 'rm x'",
    'git log --ext-diff',
    // Each of these starts whatever its words name.
    'openclaw approvals set',
    'setpriv rm x',
    'unbuffer ls',
    'npx ls',
    'env command rm x',
  ])('%j does not run', (command) => {
    expect(decideExec(facts(command))).toMatchObject({ verdict: 'deny', isListed: false });
    expect(decideExec(facts(command, { ask: 'on-miss' })).verdict).toBe('ask');
  });
});

describe('patterns', () => {
  it.each([
    ['ls', '/usr/bin/ls', true],
    ['ls', '/usr/bin/*', true],
    ['ls', '/usr/bin/l?', true],
    ['ls', '/**', true],
    ['ls', '/usr/**/ls', true],
    ['/bin/ls', '/bin/ls', true],
    ['ls', 'ls', false],
    ['ls', '*', false],
    ['ls', '**', false],
    ['ls', '/usr/*', false],
    ['ls', '/usr/bin/LS', false],
    ['ls', '/usr/bin/l.', false],
    ['ls', '/usr/bin/(ls)', false],
    ['tool', '~/bin/tool', true],
    ['tool', '~other/bin/tool', false],
    // A backslash is a letter of a name here, not a folder.
    ["'/home/ada/bin\\tool'", '~/bin/*', false],
    ["'/home/ada/bin\\tool'", '/home/ada/bin\\tool', true],
    ['tool', '/home/ada\\bin/tool', false],
    ['deep', '/home/*/bin/deep', false],
  ])('%s with %s: %s', (command, pattern, isListed) => {
    expect(decideExec(facts(command, listing(pattern))).isListed).toBe(isListed);
  });

  it.each(['openclaw health', 'setpriv ls', 'unbuffer ls', 'npx ls', '/lib64/ld-linux-x86-64.so.2 ./x', 'sudo ls'])(
    'lists no program that starts any other, whatever the list says: %s',
    (command) => {
      const loader = '/lib64/ld-linux-x86-64.so.2';
      const executables = new Map([...EXECUTABLES, [loader, at(loader)]]);
      expect(decideExec(facts(command, { ...listing('/**'), executables }))).toMatchObject({ isListed: false });
    },
  );

  it('ignores case where the file system does', () => {
    expect(decideExec(facts('ls', { ...listing('/USR/bin/LS'), platform: 'darwin' })).isListed).toBe(true);
  });
});

describe('what else decides', () => {
  it('never takes variables of the caller that may change what runs', () => {
    expect(decideExec(facts('ls', { envNames: ['NODE_OPTIONS'] })).isListed).toBe(false);
    expect(decideExec(facts('ls', { envNames: ['LC_ALL', 'NO_COLOR'] })).isListed).toBe(true);
  });

  it('cannot check the shell of Windows', () => {
    expect(decideExec(facts('ls', { platform: 'win32' })).isListed).toBe(false);
  });

  it('lets programs of skills run by their bare name', () => {
    const skillBins = new Set(['skilly', 'rg']);
    expect(decideExec(facts('skilly run', { skillBins })).verdict).toBe('allow');
    expect(decideExec(facts('./rg run', { skillBins })).verdict).toBe('deny');
  });

  it.each([
    ["python3 -c 'print(1)'", true],
    ["python3 -Bc 'x'", true],
    ['ls | python3 -u', true],
    ['ls | python3 -u -', true],
    ['ls | python3 /dev/stdin', true],
    ['ls | node --input-type=module -', true],
    ['node --import data:text/javascript,x server.js', true],
    ['python3 --version', false],
    ['node -v', false],
    ['python3 -m venv', false],
    ["python3 - <<'EOF'\nx\nEOF", true],
    ['python3 <<EOF\nx\nEOF', true],
    ['ls | python3 2>&1 > out', true],
    ['python3 build.py > out', false],
    ["ls | awk '{system($1)}'", true],
    ['ls | awk -f rules.awk', false],
    ['python3 -', true],
    ['ls | python3', true],
    ['python3 build.py', false],
    ["node -e 'x'", true],
    ['node --eval=x', true],
    ['node server.js', false],
    ["perl -ne 'x' f", true],
    ["sh -c 'node -p 1'", true],
    ['env python3 -c x', true],
    ['X=$(date) python3 -c "$X"', true],
    ['X=$(date) ls', false],
    ["p''ython3 -c x $Y", true],
  ])('strictInlineEval asks for %j: %s', (command, isAsked) => {
    const all = listing('/**');
    for (const security of ['allowlist', 'full'] as const) {
      const { verdict, listable } = decideExec(facts(command, { ...all, security, strictInlineEval: true }));
      expect(verdict === 'ask').toBe(isAsked);
      if (isAsked) expect(listable).toEqual([]);
    }
  });

  it('takes filters the config adds with their profile only', () => {
    const safeBins = safeBinProfiles(['sort', 'grep', 'awk', 'npm'], {
      npm: { maxPositional: 1, allowedFlags: ['-s'] },
    });
    const run = (command: string) => decideExec(facts(command, { safeBins })).verdict;
    expect(run('ls | sort -rn -k2')).toBe('allow');
    expect(run('ls | sort -o out')).toBe('deny');
    expect(run('ls | grep -i -e fix')).toBe('allow');
    expect(run('ls | grep fix file')).toBe('deny');
    expect(run('ls | grep -r -e fix')).toBe('deny');
    expect(run('ls | awk x')).toBe('deny');
    expect(run('npm -s a')).toBe('allow');
    expect(run('npm a b')).toBe('deny');
    expect(run('ls | head')).toBe('deny');
  });

  it('names what can be listed for good, and nothing that starts other programs', () => {
    expect(decideExec(facts('rm x | curl y')).listable).toEqual(['/usr/bin/rm', '/usr/bin/curl']);
    expect(decideExec(facts('sh -c "rm x"')).listable).toEqual(['/usr/bin/rm']);
    expect(decideExec(facts('/project/nice rm x')).listable).toEqual([]);
    expect(decideExec(facts('rm $(x)')).listable).toEqual([]);
    expect(decideExec(facts('rm x; missing')).listable).toEqual([]);
    expect(decideExec(facts("python3 -c 'x'")).listable).toEqual([]);
    expect(decideExec(facts('openclaw status')).listable).toEqual([]);
    expect(decideExec(facts("tar -xf a --to-command='rm x'")).listable).toEqual([]);
    expect(decideExec(facts('tar -xf a')).listable).toEqual(['/usr/bin/tar']);
    expect(decideExec(facts("rsync -e 'rm x' a b")).listable).toEqual([]);
  });

  it('says why, in words', () => {
    expect(decideExec(facts('rm x', { ask: 'on-miss' })).reason).toBe(
      'Not listed: /usr/bin/rm is not on the allowlist.',
    );
    expect(decideExec(facts('ls > x')).reason).toContain('reads or writes a file through a redirect');
  });

  it.each([
    ['rm x | curl y', {}, 'not-listed', ['/usr/bin/rm', '/usr/bin/curl']],
    ['missing; rm x', {}, 'not-found', ['missing']],
    ['rm x; missing', {}, 'not-listed', ['/usr/bin/rm']],
    ['ls > x', {}, 'unreadable', ['it reads or writes a file through a redirect']],
    ['ls', { platform: 'win32' }, 'unreadable', ['commands of this shell cannot be checked']],
    ['ls', { envNames: ['LD_PRELOAD'] }, 'variable', ['LD_PRELOAD']],
    ['ls', { ask: 'always' }, 'every-command', []],
    ['ls', { ask: 'always', isOwnWish: true }, 'own-wish', []],
    ["python3 -c 'x'", { strictInlineEval: true, security: 'full' }, 'inline-code', []],
  ] as const)('%s with %j is asked for: %s', (command, changes, code, about) => {
    const decision = decideExec(facts(command, { ask: 'on-miss', ...changes }));
    expect(decision).toMatchObject({ verdict: 'ask', cause: { code, about } });
  });

  it('has no such reason for what runs or is refused', () => {
    expect(decideExec(facts('ls', { ask: 'on-miss' }))).toMatchObject({ verdict: 'allow' });
    expect(decideExec(facts('ls', { ask: 'on-miss' })).cause).toBeUndefined();
    expect(decideExec(facts('rm x')).verdict).toBe('deny');
    expect(decideExec(facts('rm x')).cause).toBeUndefined();
  });

  it('names every program that must be looked up', () => {
    expect(programNames('ls && env rg x | sh -c "git y"')).toEqual(['ls', 'env', 'rg', 'sh', 'git']);
    expect(programNames('ls $(x)')).toEqual([]);
  });

  it.each([
    ['deny', true, false],
    ['allowlist', true, true],
    ['allowlist', false, false],
    ['full', false, true],
  ] as const)('without an answer: %s, listed %s → %s', (fallback, isListed, isAllowed) => {
    expect(decideUnanswered(fallback, { isListed })).toBe(isAllowed);
  });
});
