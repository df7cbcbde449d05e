// The table of checks: each looks at the facts and says what it found. Nothing here touches anything.
import path from 'node:path';
import { portLines } from '../port-listeners.js';
import type { DoctorFacts, LockFacts, SessionFacts } from './facts.js';
import { type Finding, info, type Observation, ok, problem, type Repair, repairable, warning } from './finding.js';
import { editsBetween } from './migration-edits.js';

type Check = (facts: DoctorFacts) => Observation[];

const MINIMUM_NODE = [20, 18] as const;
const OTHERS_MAY_ANYTHING = 0o077;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const NAMED = 3;
/** Folders that are copied to other computers while the gateway writes into them. */
const SYNCED =
  /(?:^|[/\\])(?:Dropbox|OneDrive[^/\\]*|Google ?Drive|My Drive|iCloud ?Drive|Mobile Documents)(?:[/\\]|$)/i;

const some = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more` : names.join(', ');

const configValid: Check = ({ config, newToken }) => {
  if (config.unreadable !== undefined) return [problem(config.unreadable, 'Check the file and its permissions.')];
  if (!config.exists) {
    const edits = [
      { op: 'set', path: ['gateway', 'mode'], value: 'local' },
      { op: 'set', path: ['gateway', 'auth', 'token'], value: newToken },
    ] as const;
    const missing = warning(`There is no config file: ${config.path}`, 'Run `openclaw setup`.');
    return [repairable(missing, { kind: 'config', edits: [...edits] })];
  }
  if (config.valid) return [ok(`The config is valid: ${config.path}`)];
  return config.issues.map((issue) =>
    problem(
      `${issue.path || '<root>'}: ${issue.message}`,
      `Correct it in ${config.path}, or with \`openclaw config\`.`,
    ),
  );
};

const configShape: Check = ({ config }) => {
  if (config.legacyIssues.length === 0) return [];
  const edits = editsBetween(config.parsed, config.migrated);
  const places = config.legacyIssues.map((issue) => issue.path).join(', ');
  const old = warning(`The config has settings in an older shape: ${places}. They are understood, but only in memory.`);
  return [edits.length > 0 ? repairable(old, { kind: 'config', edits }) : old];
};

const configWarnings: Check = ({ config }) =>
  config.warnings.map((issue) => warning(`${issue.path}: ${issue.message}`));

const permissions: Check = ({ places }) => {
  const open = places.filter(({ mode }) => mode !== undefined && (mode & OTHERS_MAY_ANYTHING) !== 0);
  if (open.length === 0) return [ok('Only you can reach the config and the state folder.')];
  return open.map((place) => {
    const mode = place.kind === 'folder' ? PRIVATE_FOLDER : PRIVATE_FILE;
    const found = (place.mode ?? 0).toString(8).padStart(3, '0');
    const message = `Other accounts can reach ${place.path} (mode ${found}, should be ${mode.toString(8)}).`;
    return repairable(warning(message), { kind: 'permissions', path: place.path, mode });
  });
};

const stateFolder: Check = ({ state }) => {
  if (!state.exists) {
    const missing = warning(`The state folder does not exist yet: ${state.dir}`);
    return [repairable(missing, { kind: 'folder', path: state.dir })];
  }
  return [
    ...(state.unwritable === undefined ? [] : [problem(state.unwritable, 'Check its owner and its permissions.')]),
    ...(SYNCED.test(state.dir)
      ? [warning(`${state.dir} is synced to other computers; two gateways on one state lose conversations.`)]
      : []),
    ...(state.others.length > 0
      ? [info(`Other state folders exist: ${some(state.others)}. Conversations there are not shown here.`)]
      : []),
  ];
};

function stamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(':', '-');
}

function archive({ folder, orphans }: SessionFacts, nowMs: number): Repair[] {
  return orphans.map((name) => {
    const from = path.join(folder, name);
    return { kind: 'rename', from, to: `${from}.deleted.${stamp(nowMs)}` };
  });
}

function orphanFinding(session: SessionFacts, facts: DoctorFacts): Observation {
  const { orphans, folder } = session;
  const message = `${orphans.length} transcript(s) in ${folder} belong to no conversation: ${some(orphans)}.`;
  // A running gateway writes its index a moment after a conversation begins.
  if (facts.lock?.isAlive) return info(message, 'Stop the gateway before you put them aside.');
  return repairable(warning(message, 'They can be put aside; nothing is deleted.'), ...archive(session, facts.nowMs));
}

const transcripts: Check = (facts) =>
  facts.sessions.flatMap((session) => [
    ...(session.unreadable === undefined
      ? []
      : [problem(session.unreadable, 'The gateway makes a new index from the transcripts at its next start.')]),
    ...(session.orphans.length > 0 ? [orphanFinding(session, facts)] : []),
    ...(session.missing.length > 0
      ? [warning(`The transcript of ${session.missing.length} conversation(s) is gone: ${some(session.missing)}.`)]
      : []),
  ]);

const signIn: Check = ({ config, gateway, newToken }) => {
  if (!config.exists || !config.valid || gateway.isRemote) return [];
  if (gateway.refused) return [problem(gateway.refused.message, gateway.refused.hint)];
  if (gateway.hasSecret) return [ok(`Clients sign in by ${gateway.authMode}.`)];
  if (gateway.authMode !== 'token') return [];
  const missing = warning(
    'The gateway has no token. It makes one at its next start; until then clients cannot sign in.',
  );
  const edit = { op: 'set', path: ['gateway', 'auth', 'token'], value: newToken } as const;
  return [repairable(missing, { kind: 'config', edits: [edit] })];
};

function ownerFinding({ pid, isAlive, file }: LockFacts): Observation[] {
  return isAlive ? [] : [info(`${file} was left by a gateway that is gone (pid ${pid}); the next start removes it.`)];
}

const portAndLock: Check = ({ gateway, port, lock }) => {
  if (gateway.isRemote) return [];
  const left = lock ? ownerFinding(lock) : [];
  const isOurs = lock?.isAlive === true && port.listeners.every(({ pid }) => pid === lock.pid);
  if (port.status !== 'busy') {
    if (lock?.isAlive)
      return [warning(`The gateway (pid ${lock.pid}) runs, but nothing answers on port ${port.port}.`)];
    return [...left, ok(`Port ${port.port} is free; no gateway runs.`)];
  }
  if (isOurs) return [ok(`The gateway runs on port ${port.port} (pid ${lock.pid}).`)];
  const hint = 'Stop that program, or choose another port: `openclaw config set gateway.port <port>`.';
  return [...left, warning(portLines(port).join(' '), hint)];
};

const modelKeys: Check = ({ config, models }) => {
  if (!config.valid) return [];
  if (models.missing.length === 0) return [ok(`The default model is ${models.default}.`)];
  return models.missing.map((provider) =>
    warning(
      `There is no key for ${provider}, which your models need.`,
      `Set models.providers.${provider}.apiKey, or add the provider in Settings > Models.`,
    ),
  );
};

const openSecrets: Check = ({ openSecrets: open }) => {
  if (open.length === 0) return [];
  const message = `${open.length} secret(s) lie open in the config: ${some(open)}.`;
  return [info(message, 'Run `openclaw secrets audit` to see all, `openclaw secrets configure` to move them.')];
};

const runtime: Check = ({ runtime: { node, bun } }) => {
  if (bun !== undefined) return [warning(`Bun ${bun} runs this; the gateway is made for Node.`)];
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_NODE;
  const isEnough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (isEnough) return [ok(`Node ${node}`)];
  return [problem(`Node ${node} is too old.`, `Install Node ${MINIMUM_NODE.join('.')} or newer.`)];
};

const answers: Check = ({ probe }) => {
  if (!probe) return [];
  const message = `${probe.url}: ${probe.detail}`;
  return [probe.ok ? ok(message) : warning(message, 'Start it with `openclaw gateway`, or look at `openclaw logs`.')];
};

interface Row {
  check: string;
  section: string;
  look: Check;
}

/** In the order in which they are told. */
const CHECKS: readonly Row[] = [
  { check: 'config.valid', section: 'Config', look: configValid },
  { check: 'config.shape', section: 'Config', look: configShape },
  { check: 'config.warnings', section: 'Config', look: configWarnings },
  { check: 'state.folder', section: 'State integrity', look: stateFolder },
  { check: 'state.transcripts', section: 'State integrity', look: transcripts },
  { check: 'security.permissions', section: 'Security', look: permissions },
  { check: 'security.secrets', section: 'Security', look: openSecrets },
  { check: 'gateway.sign-in', section: 'Gateway', look: signIn },
  { check: 'gateway.port', section: 'Gateway', look: portAndLock },
  { check: 'gateway.probe', section: 'Gateway', look: answers },
  { check: 'models.keys', section: 'Models', look: modelKeys },
  { check: 'runtime.node', section: 'Runtime', look: runtime },
];

/** Everything there is to say about the facts. */
export function examine(facts: DoctorFacts): Finding[] {
  return CHECKS.flatMap(({ check, section, look }) =>
    look(facts).map((observation) => ({ check, section, ...observation })),
  );
}
