// Where HQ answers otherwise than a recording: the rows of the table in docs/compatibility.md, word for word.

export interface Difference {
  /** Folder and name of the recordings. */
  recordings: readonly string[];
  ours: string;
  why: string;
  /** The command does not exist here; a test holds that it is refused as unknown. */
  isAbsent?: true;
}

const cli = (...names: string[]): string[] => names.map((name) => `cli/${name}`);
const http = (...names: string[]): string[] => names.map((name) => `http/${name}`);
const both = (...names: string[]): string[] => names.flatMap((name) => [`http/${name}`, `http-2026.3.24/${name}`]);

const CONVERSATIONS: readonly Difference[] = [
  {
    recordings: ['05-cron-devices-nodes-config'],
    ours: 'an error of a node or a device has `code` and `hint` in its details',
    why: 'clients read the finer code; the hint says what to do',
  },
  {
    recordings: ['07-config-write-restart-shutdown'],
    ours: 'the recorded patch is taken over without a restart and answers `mode: "hot"`',
    why: 'conversations go on; only what a running gateway cannot take over restarts it',
  },
  {
    recordings: ['02b-methods-big'],
    ours: 'texts of tools, skills and settings are in our own words',
    why: 'clients show them but do not compare them',
  },
];

const EXCHANGES: readonly Difference[] = [
  {
    recordings: [...http('cc-fail', 'cc-stream-fail', 'resp-fail', 'resp-stream-fail')],
    ours: 'an error in the shape of the API, or the event `response.failed`',
    why: 'a failed provider must not look like an answer',
  },
  {
    recordings: both('cc-stream', 'cc-stream-usage'),
    ours: 'a closing chunk with `finish_reason`, and the usage chunk where it is asked for',
    why: 'OpenAI clients wait for both',
  },
  {
    recordings: both('cc-xmodel-bad'),
    ours: '424 with `model.not_configured`',
    why: 'the reference answers with another model than the one asked for, and does not say so',
  },
  {
    recordings: [...both('resp-tools', 'resp-tools-stream'), ...http('resp-tools2', 'resp-tools2-stream')],
    ours: 'flat and nested tools are both taken; the agent answers without calling them',
    why: 'OpenAI writes them flat; tools of a client come with the tools of agents',
  },
  {
    recordings: http('cc-model-foreign', 'emb-b64', 'emb-badmodel', 'emb-empty', 'emb-noauth', 'emb-ok', 'emb-one'),
    ours: 'as 2026.3.24 answers',
    why: 'the newer release has the endpoint, or the stricter rule',
  },
  {
    recordings: http('models', 'models-noauth', 'models-one', 'models-one-404', 'models-one-raw', 'models-post'),
    ours: 'as 2026.3.24 answers',
    why: 'in 2026.3.23 these addresses gave the control page',
  },
  {
    recordings: ['http-2026.3.24/ti-badargs'],
    ours: 'the state of the main session, as 2026.3.23 answers',
    why: 'a session that does not exist yet is no failure of the tool',
  },
  {
    recordings: http('ti-dry', 'ti-ok'),
    ours: 'rows without the keys of a channel',
    why: 'the recorded conversation had come in from a channel',
  },
  {
    recordings: both('a2ui', 'canvas', 'canvas-auth'),
    ours: '404',
    why: 'there is no canvas in this version',
  },
  {
    recordings: both('ui-chat-spa', 'ui-config', 'unknown'),
    ours: '404 for a path that is not there',
    why: 'our window keeps its place behind `#`, and reads its settings over the socket; a wrong address is not a page',
  },
  {
    recordings: both('openclaw-path'),
    ours: 'a redirect to the window',
    why: 'one address for one page',
  },
  {
    recordings: both('favicon'),
    ours: 'our own picture',
    why: 'the recording kept no answer to compare',
  },
];

const STARTS: readonly Difference[] = [
  {
    recordings: ['config/start-legacy'],
    ours: 'starts; old keys are moved in memory and named in the log',
    why: "the product documents' own samples use these keys",
  },
  {
    recordings: ['config/validate'],
    ours: 'valid for old keys (`agent`, `identity`, `gateway.token`, `bind` as `local`, `any` or an address)',
    why: "the product documents' own samples use these keys",
  },
  {
    recordings: ['config/start-lan-token', 'config/start-notoken', 'config/start-verbose'],
    ours: 'a short summary on the terminal; no lines of canvas, heartbeat or channel parts',
    why: 'these parts do not start with the gateway here',
  },
];

const COMMANDS: readonly Difference[] = [
  {
    recordings: cli('doctor', 'doctor-deep'),
    ours: 'sections and sentences of our own',
    why: 'what can be wrong with HQ is another list',
  },
  {
    recordings: cli('config-schema'),
    ours: 'prints the schema',
    why: 'the newest command line (2026.9) has the command',
  },
  {
    recordings: cli('gateway-reload'),
    ours: 'lets the gateway read its config again',
    why: 'the product documents name the command; the reference refuses it',
  },
  {
    recordings: cli('gateway-status', 'gateway-status-deep', 'gateway-status-rpc', 'gateway-status-noprobe'),
    ours: '`Runtime: running` for a gateway in a terminal; no remarks about a service',
    why: 'we install no service, and a gateway that answers runs',
  },
  {
    recordings: cli('gateway-status-url-notok', 'gateway-status-url-tok', 'gateway-status-wrongtok'),
    ours: 'no remarks about a service, no link to the documentation of the reference',
    why: 'we install no service',
  },
  {
    recordings: cli('gateway-status-badurl', 'gateway-status-require-bad', 'gateway-status-badurl-json'),
    ours: 'no remarks about a service; another hint about the busy port',
    why: 'we install no service; there is no `gateway stop` to point to',
  },
  {
    recordings: cli('gateway-status-json'),
    ours: '`runtime.status` is `running`; `configAudit` has no issues',
    why: 'we install no service, and a gateway that answers runs',
  },
  {
    recordings: cli('gateway-second'),
    ours: 'names the owner of the lock and what to do',
    why: 'a number of a process says little',
  },
  {
    recordings: cli('gateway-probe'),
    ours: 'no section about gateways found in the network',
    why: 'looking for gateways in the network is not part of this version',
  },
  {
    recordings: cli('gateway-call-params', 'status-json', 'status-deep-json'),
    ours: 'rows of conversations without cache counts and without the keys of a channel',
    why: 'the recorded conversations had come in from a channel',
  },
  {
    recordings: cli('status', 'status-all', 'status-deep', 'status-usage'),
    ours: 'no rows for updates, memory and plugins; no security audit; `--all` and `--usage` add nothing more',
    why: 'these parts are not in this version',
  },
  {
    recordings: cli('health', 'health-verbose', 'sessions', 'devices-list', 'secrets-audit', 'secrets-audit-check'),
    ours: 'other rows: this host has other conversations, devices and files',
    why: 'the words around them are the same',
  },
  {
    recordings: cli('agent-json', 'agent-to'),
    ours: 'no `systemPromptReport`',
    why: 'it counts parts of a prompt that is built otherwise here',
  },
  {
    recordings: cli('agent-notarget'),
    ours: 'only the error',
    why: 'there is no second try inside the command: the gateway holds the conversations',
  },
  {
    recordings: cli('approvals-get'),
    ours: '`Exists no` until the first approval; no socket',
    why: 'approvals go over the gateway, not over a socket file',
  },
  {
    recordings: cli('channels-status', 'channels-status-probe'),
    ours: 'no tip at the end',
    why: 'it leads to the documentation of the reference',
  },
  {
    recordings: cli('config-set-dry'),
    ours: 'no note that the value was not checked',
    why: 'it is checked',
  },
  {
    recordings: cli('dashboard'),
    ours: 'no line about the clipboard',
    why: 'the token does not go into the clipboard, which other programs read',
  },
  {
    recordings: cli('devices-approve'),
    ours: 'the error without the stack of the program',
    why: 'an unknown request is no fault of the program',
  },
  {
    recordings: cli('logs', 'logs-json', 'logs-plain'),
    ours: 'messages in our own words, without the area repeated in front',
    why: 'the area has a column of its own',
  },
  {
    recordings: cli('models-status'),
    ours: 'a key of the config is shown as such; no `models.json`',
    why: 'keys stay where you wrote them and are not copied to another file',
  },
  {
    recordings: cli('node-list', 'nodes-status'),
    ours: 'tables as wide as their contents',
    why: 'nothing is cut',
  },
  {
    recordings: cli('system-hb-last'),
    ours: '`null` until the first heartbeat',
    why: 'the recorded host had had one',
  },
  {
    recordings: cli('skills-list', 'hooks-list'),
    ours: 'our own skills and hooks, with descriptions of one line',
    why: 'what comes with HQ is another list; `skills info` shows the whole description',
  },
  {
    recordings: cli('help', 'version'),
    ours: 'our own words, our own number',
    why: 'clients look for `Usage:` and for a number',
  },
];

const ABSENT: readonly Difference[] = [
  {
    recordings: cli('gateway-install', 'gateway-start', 'gateway-stop', 'gateway-restart'),
    ours: 'no such command',
    why: 'the gateway is not a service of the system yet: it runs with the app or in a terminal',
    isAbsent: true,
  },
  {
    recordings: cli('gateway-discover', 'gateway-discover-json', 'dns-setup'),
    ours: 'no such command',
    why: 'looking for gateways in the network is not part of this version',
    isAbsent: true,
  },
  {
    recordings: cli('gateway-usage-cost'),
    ours: 'no such command',
    why: 'the window shows cost; the methods behind it exist',
    isAbsent: true,
  },
  {
    recordings: cli('security-audit', 'security-audit-deep'),
    ours: 'no such command',
    why: '`openclaw doctor` and `openclaw secrets audit` check an installation',
    isAbsent: true,
  },
  {
    recordings: cli('security-audit-json', 'security-audit-deep-json'),
    ours: 'no such command',
    why: '`openclaw doctor --json` says how an installation is',
    isAbsent: true,
  },
  {
    recordings: cli('channels-list', 'pairing-list', 'pairing-list-ch'),
    ours: 'no such command',
    why: 'comes with channels',
    isAbsent: true,
  },
  {
    recordings: cli('plugins-list'),
    ours: 'no such command',
    why: 'there are no plugins',
    isAbsent: true,
  },
  {
    recordings: cli('update-status'),
    ours: 'no such command',
    why: 'the app updates itself',
    isAbsent: true,
  },
];

/** In the order of the page, by its headings. */
export const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  'Recorded conversations': CONVERSATIONS,
  'Recorded HTTP exchanges': EXCHANGES,
  'Recorded starts': STARTS,
  'Recorded commands': COMMANDS,
  'Commands that are not there': ABSENT,
};

/** Every recording that some row names. */
export function differing(): Set<string> {
  return new Set(Object.values(DIFFERENCES).flatMap((group) => group.flatMap(({ recordings }) => recordings)));
}

/** Recordings of commands that do not exist here. */
export function absentCommands(): Set<string> {
  const rows = Object.values(DIFFERENCES).flat();
  return new Set(rows.flatMap(({ recordings, isAbsent }) => (isAbsent ? recordings : [])));
}

/** One row of the page, without the padding of its table. */
export function rowText({ recordings, ours, why }: Difference): string {
  return `| ${recordings.map((name) => `\`${name}\``).join(', ')} | ${ours} | ${why} |`;
}
